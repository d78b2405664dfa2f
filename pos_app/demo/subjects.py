"""The demo shop's categories and Thema codes, guessed from each title's author and words. A guess will do: it is a demo."""

import re

# The five that every shop starts with, each with its children and their marks on the shelves.
TREE: dict[str, dict[str, str]] = {
    "Fiction": {
        "Classics": "CLA",
        "Crime & Thrillers": "CRI",
        "Fantasy": "FAN",
        "Science Fiction": "SFI",
        "Horror": "HOR",
        "Romance": "ROM",
        "Children’s Books": "CHI",
        "Young Adult": "YAD",
        "Comics & Manga": "COM",
        "Poetry & Plays": "POE",
    },
    "Non-Fiction": {
        "Biography & Memoir": "BIO",
        "Business & Money": "BUS",
        "Food & Home": "FOO",
        "Religion & Philosophy": "REL",
        "Travel": "TRA",
        "Health & Life": "HEA",
        "Gifts & Stationery": "GIF",
    },
    "Science": {"Nature": "NAT", "Psychology": "PSY"},
    "History": {"War & Military": "WAR", "Politics & Society": "POL"},
    "Technology": {"Computing": "CPU"},
}
MARKS = {"Fiction": "FIC", "Non-Fiction": "NON", "Science": "SCI", "History": "HIS", "Technology": "TEC"} | {
    child: mark for children in TREE.values() for child, mark in children.items()
}

# The Thema codes of each category, dealt out in turn.
THEMA = {
    "Fiction": "FBA FBA FS FV FU", "Classics": "FBC", "Crime & Thrillers": "FFD FHX FFP FHD FFC",
    "Fantasy": "FMB FMX FM", "Science Fiction": "FL FLS FLC FLW", "Horror": "FK", "Romance": "FRD FRH FR",
    "Children’s Books": "YFB YFP YFC YB", "Young Adult": "YFB YFH YFM", "Comics & Manga": "XA XAM",
    "Poetry & Plays": "DC DD", "Non-Fiction": "DN GP", "Biography & Memoir": "DNC DN", "Business & Money": "KJ KC",
    "Food & Home": "WB WK", "Religion & Philosophy": "QR QD", "Travel": "WTL WT", "Health & Life": "VS VF VX",
    "Science": "PD PH PS", "Nature": "WN RN", "Psychology": "JM", "History": "NH", "War & Military": "NHW JW",
    "Politics & Society": "JP JB", "Technology": "TB TG TJ", "Computing": "UM UB",
}  # fmt: skip
_CODES = {category: [f"93:{code}" for code in codes.split()] for category, codes in THEMA.items()}

_AUTHORS = {
    "Classics": "Charles Dickens, Jane Austen, Fyodor Dostoyevsky, Leo Tolstoy, Thomas Hardy, Joseph Conrad, Mark Twain, "
    "Emily Brontë, Charlotte Brontë, Henry James, Edith Wharton, Virginia Woolf, F. Scott Fitzgerald, John Steinbeck, "
    "Ernest Hemingway, Franz Kafka, George Orwell, Oscar Wilde, E.M. Forster, Jack London, Alexandre Dumas, "
    "Victor Hugo, Gustave Flaubert, Herman Melville, William Faulkner, James Joyce, George Eliot, Homer, Voltaire",
    "Crime & Thrillers": "James Patterson, Agatha Christie, Janet Evanovich, John Grisham, David Baldacci, "
    "Michael Connelly, John Sandford, Patricia Cornwell, Harlan Coben, Lee Child, Sue Grafton, Douglas Preston, "
    "Mary Higgins Clark, Tom Clancy, Sidney Sheldon, Lisa Gardner, Ken Follett, Daniel Silva, Kathy Reichs, "
    "Karin Slaughter, James Rollins, Arthur Conan Doyle, Clive Cussler, Vince Flynn, Tess Gerritsen, Jo Nesbø, "
    "Louise Penny, Nelson DeMille, Brad Thor, Jeffery Deaver, Dennis Lehane, Henning Mankell, Steve Berry, "
    "Robert Crais, Robert Ludlum, John le Carré, Ian Fleming, Lisa Scottoline, Matthew Reilly, Dan Brown, "
    "Frederick Forsyth, Tana French, Stieg Larsson, Gillian Flynn, J.D. Robb, Kate Atkinson, Raymond Chandler, "
    "Alexander McCall Smith, Jacqueline Winspear, Alan Bradley, Carl Hiaasen, Jeffrey Archer, Greg Iles",
    "Fantasy": "J.R.R. Tolkien, Terry Pratchett, J.K. Rowling, George R.R. Martin, Robin Hobb, Robert Jordan, "
    "Brandon Sanderson, David Eddings, Terry Brooks, R.A. Salvatore, Raymond E. Feist, Jim Butcher, Neil Gaiman, "
    "Terry Goodkind, Margaret Weis, Patricia Briggs, Ilona Andrews, Kim Harrison, Piers Anthony, Steven Erikson, "
    "Garth Nix, Brent Weeks, Joe Abercrombie, Kevin Hearne, Tad Williams, Maria V. Snyder, Trudi Canavan, "
    "Andrzej Sapkowski, Stephen R. Donaldson, Anne Bishop, Mercedes Lackey, Laurell K. Hamilton, Charlaine Harris, "
    "Ursula K. Le Guin, C.S. Lewis, Tamora Pierce, Sherrilyn Kenyon, Jasper Fforde, Christopher Paolini, "
    "Patrick Rothfuss, Philip Pullman, Gail Carriger, Robin McKinley",
    "Science Fiction": "Isaac Asimov, Orson Scott Card, Kurt Vonnegut Jr., Anne McCaffrey, Robert A. Heinlein, "
    "William Gibson, Arthur C. Clarke, Iain M. Banks, Neal Stephenson, Hugh Howey, John Scalzi, Dan Simmons, "
    "Peter F. Hamilton, Lois McMaster Bujold, Philip K. Dick, Frank Herbert, Alastair Reynolds, Douglas Adams, "
    "Ray Bradbury, H.G. Wells, Jules Verne, Michael Crichton, Roger Zelazny, Andy Weir, Ernest Cline",
    "Horror": "Stephen King, Dean Koontz, Anne Rice, Clive Barker, Joe Hill, Richard Bachman, H.P. Lovecraft, "
    "Edgar Allan Poe, Bram Stoker, Shirley Jackson, Chuck Palahniuk, V.C. Andrews",
    "Romance": "Nora Roberts, Kristen Ashley, Nicholas Sparks, J.R. Ward, Abbi Glines, Lisa Kleypas, Kresley Cole, "
    "Karen Marie Moning, Colleen Hoover, Jane Green, Sophie Kinsella, Elin Hilderbrand, Gena Showalter, Nalini Singh, "
    "Jeaniene Frost, Julie Garwood, Sandra Brown, Jamie McGuire, Julia Quinn, Maya Banks, Susan Elizabeth Phillips, "
    "Lara Adrian, Christine Feehan, Emily Giffin, Judith McNaught, Lynsay Sands, Debbie Macomber, Danielle Steel, "
    "Jojo Moyes, Sylvia Day, J. Lynn, Jessica Sorensen, E.L. James, Christina Lauren, Diana Gabaldon, "
    "Marian Keyes, Maeve Binchy, Cecelia Ahern, Jennifer Weiner, Simone Elkeles",
    "Children’s Books": "Dr. Seuss, Roald Dahl, Lemony Snicket, Erin Hunter, Jeff Kinney, Brian Jacques, Eoin Colfer, "
    "L.M. Montgomery, Judy Blume, Beverly Cleary, Laura Ingalls Wilder, Enid Blyton, Shel Silverstein, Eric Carle, "
    "A.A. Milne, Laura Joffe Numeroff, Kate DiCamillo, Louis Sachar, Madeleine L'Engle, Maurice Sendak, "
    "Margaret Wise Brown, John Flanagan, Brandon Mull, Michael Buckley, Jenny Nimmo, E.B. White, Lois Lowry, "
    "Cornelia Funke, Wendy Mass, D.J. MacHale, Mo Willems, Beatrix Potter",
    "Young Adult": "Suzanne Collins, Meg Cabot, Rick Riordan, Richelle Mead, L.J. Smith, Cassandra Clare, "
    "Jennifer L. Armentrout, P.C. Cast, Rachel Caine, Holly Black, Darren Shan, Stephenie Meyer, Scott Westerfeld, "
    "Sarah J. Maas, Sara Shepard, Anthony Horowitz, Veronica Roth, Sarah Dessen, Kiera Cass, John Green, "
    "Margaret Peterson Haddix, Ally Carter, Maggie Stiefvater, Julie Kagawa, Ellen Hopkins, Shannon Hale, "
    "Amanda Hocking, Lauren Oliver, Melissa de la Cruz, Gayle Forman, Laurie Halse Anderson, Marissa Meyer, "
    "Pittacus Lore, Alyson Noel, Jenny Han, Cinda Williams Chima, Lauren Kate, Marie Lu, Libba Bray, "
    "Neal Shusterman, Louise Rennison, Ann Brashares, Kelley Armstrong, Ellen Schreiber",
    "Comics & Manga": "Brian K. Vaughan, Robert Kirkman, Bill Watterson, Alan Moore, Frank Miller, Bill Willingham, "
    "Garth Ennis, Tsugumi Ohba, Bryan Lee O'Malley, Natsuki Takaya, Warren Ellis, Bisco Hatori, Hiromu Arakawa, "
    "Masashi Kishimoto, Tite Kubo, Eiichirō Oda, Art Spiegelman, Hergé, René Goscinny, Charles M. Schulz",
    "Poetry & Plays": "William Shakespeare, Charles Bukowski, Sophocles, Walt Whitman, Emily Dickinson, Pablo Neruda, "
    "Tennessee Williams, Arthur Miller, T.S. Eliot, Sylvia Plath, Samuel Beckett, Dante Alighieri, Euripides",
    "Biography & Memoir": "David Sedaris, Augusten Burroughs, Walter Isaacson, Mary Karr, Anne Lamott",
    "History": "David McCullough, Doris Kearns Goodwin, Stephen E. Ambrose, Erik Larson, Barbara W. Tuchman",
    "Travel": "Bill Bryson, Paul Theroux, Jon Krakauer",
    "Science": "Richard Dawkins, Carl Sagan, Stephen Hawking, Brian Greene, Oliver Sacks, Richard P. Feynman",
    "Religion & Philosophy": "Tim LaHaye, Friedrich Nietzsche, Plato, C.G. Jung, Dalai Lama XIV, Thich Nhat Hanh",
}
_SUBJECT_OF = {name.strip(): subject for subject, names in _AUTHORS.items() for name in names.split(",")}

# The first that matches wins; looked for only in titles that are no part of a series.
_WORDS = [
    (subject, re.compile(rf"\b(?:{words})\b", re.IGNORECASE))
    for subject, words in (
        ("Computing", "programming|software|computer|algorithms?|code complete|hackers|internet|google|facebook"),
        ("Technology", "technology|machines?|engineering|invention|digital|design of everyday"),
        (
            "Psychology",
            "psychology|therapy|anxiety|moods?|thinking, fast|the brain|brain|behaviou?r|habits?|happiness|mindset|intelligence",
        ),
        ("Nature", "animals?|nature|ocean|planet|evolution|extinction|species"),
        ("Science", "science|physics|universe|cosmos|mathematics|genetics|gene|genome|quantum|theory of|dna"),
        ("War & Military", "world war|civil war|vietnam|battle of|soldiers?|at war|navy seal|d-day"),
        ("Politics & Society", "america|american|politics|democracy|capitalism|inequality|racism|president|revolution"),
        ("History", "history of|a history|ancient|empire|medieval|civilizations?|people's history|rise and fall"),
        (
            "Business & Money",
            (
                "business|money|rich|wealth|leadership|management|marketing|startup|investing|investor|"
                "millionaire|sell|negotiat\\w+|economics|freakonomics|companies|workweek"
            ),
        ),
        ("Food & Home", "cookbook|cooking|cook|recipes|kitchen|food|eating|eat|baking|garden|tidying"),
        (
            "Health & Life",
            (
                "diet|health|body|pregnan\\w+|parenting|baby|yoga|cancer|healing|secrets? of|how to|"
                "guide to|guide|self-help|success|love languages|power of"
            ),
        ),
        (
            "Biography & Memoir",
            ("memoirs?|autobiography|biography|diary of|my life|a life|the life|true story|confessions of|letters"),
        ),
        (
            "Religion & Philosophy",
            (
                "bible|god|jesus|christian\\w*|buddha|buddhism|spiritual|prayer|faith|heaven|"
                "philosophy|zen|tao|soul|purpose driven"
            ),
        ),
        ("Travel", "travels?|places to see|journey to|around the world|walk in"),
        ("Comics & Manga", "vol\\. ?\\d+|volume \\d+|batman|superman|spider-man|x-men|graphic novel|calvin"),
        ("Poetry & Plays", "poems?|poetry|plays?|sonnets"),
        ("Children’s Books", "goodnight|bunny|bear|little|caterpillar|curious george|puppy|duck"),
        ("Crime & Thrillers", "murder|killer|detective|death|dead|crime|spy|girl on|gone"),
        ("Romance", "bride|wedding|lovers?|kiss|heart|duke"),
        ("Horror", "ghosts?|haunting|vampires?|zombies?|exorcist"),
    )
]
CLASSIC_BEFORE = 1930


def subject(title: str, author: str, year: int | None) -> str:
    """Guess a title's category; fiction where nothing tells."""
    if author in _SUBJECT_OF:
        return _SUBJECT_OF[author]
    if year is not None and year < CLASSIC_BEFORE:
        return "Classics"
    if "#" in title:
        return "Comics & Manga" if "Vol." in title else "Fiction"
    return next((name for name, words in _WORDS if words.search(title)), "Fiction")


def thema(category: str, place: int) -> str:
    """Give the subject code of the title at a place of the catalogue, as codes are kept."""
    codes = _CODES[category]
    return codes[place % len(codes)]
