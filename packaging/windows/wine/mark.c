/* Goes into every library that is made for the rehearsal; see launcher.c. */
__declspec(dllexport) const char bookstore_pos_rehearsal[] = "Bookstore POS: for rehearsals only, not to be shipped";
