"""A publisher's message in ONIX for Books 3.0: products of the real catalogue's words, with all that such files carry."""

import random
from collections.abc import Iterator
from pathlib import Path
from xml.sax.saxutils import escape

from tests.bench import catalogue

HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<ONIXMessage release="3.0" xmlns="http://ns.editeur.org/onix/3.0/reference">
<Header><Sender><SenderName>A publisher of samples</SenderName></Sender><SentDateTime>20260105</SentDateTime></Header>
"""
PRODUCT = """<Product>
  <RecordReference>org.example.{isbn}</RecordReference>
  <NotificationType>03</NotificationType>
  <RecordSourceType>01</RecordSourceType>
  <ProductIdentifier><ProductIDType>03</ProductIDType><IDValue>{isbn}</IDValue></ProductIdentifier>
  <ProductIdentifier><ProductIDType>15</ProductIDType><IDValue>{isbn}</IDValue></ProductIdentifier>
  <DescriptiveDetail>
    <ProductComposition>00</ProductComposition>
    <ProductForm>{form}</ProductForm>
    <Measure><MeasureType>01</MeasureType><Measurement>198</Measurement><MeasureUnitCode>mm</MeasureUnitCode></Measure>
    <Measure><MeasureType>02</MeasureType><Measurement>129</Measurement><MeasureUnitCode>mm</MeasureUnitCode></Measure>
    <Measure><MeasureType>08</MeasureType><Measurement>235</Measurement><MeasureUnitCode>gr</MeasureUnitCode></Measure>
    <CountryOfManufacture>GB</CountryOfManufacture>
{series}    <TitleDetail>
      <TitleType>01</TitleType>
      <TitleElement>
        <TitleElementLevel>01</TitleElementLevel>
        <TitleText textcase="02">{title}</TitleText>
      </TitleElement>
    </TitleDetail>
    <Contributor>
      <SequenceNumber>1</SequenceNumber>
      <ContributorRole>A01</ContributorRole>
      <PersonName>{author}</PersonName>
      <PersonNameInverted>{inverted}</PersonNameInverted>
      <BiographicalNote textformat="06">{life}</BiographicalNote>
    </Contributor>
    <EditionNumber>1</EditionNumber>
    <Language><LanguageRole>01</LanguageRole><LanguageCode>eng</LanguageCode></Language>
    <Extent><ExtentType>00</ExtentType><ExtentValue>{pages}</ExtentValue><ExtentUnit>03</ExtentUnit></Extent>
    <Subject>
      <MainSubject/>
      <SubjectSchemeIdentifier>93</SubjectSchemeIdentifier>
      <SubjectSchemeVersion>1.4</SubjectSchemeVersion>
      <SubjectCode>FBA</SubjectCode>
    </Subject>
    <Subject><SubjectSchemeIdentifier>10</SubjectSchemeIdentifier><SubjectCode>FIC019000</SubjectCode></Subject>
    <Subject>
      <SubjectSchemeIdentifier>20</SubjectSchemeIdentifier>
      <SubjectHeadingText>{keywords}</SubjectHeadingText>
    </Subject>
    <Audience><AudienceCodeType>01</AudienceCodeType><AudienceCodeValue>01</AudienceCodeValue></Audience>
  </DescriptiveDetail>
  <CollateralDetail>
    <TextContent>
      <TextType>03</TextType>
      <ContentAudience>00</ContentAudience>
      <Text textformat="05"><p>{about}</p><p>{more}</p></Text>
    </TextContent>
    <TextContent>
      <TextType>02</TextType>
      <ContentAudience>00</ContentAudience>
      <Text textformat="06">{life}</Text>
    </TextContent>
    <SupportingResource>
      <ResourceContentType>01</ResourceContentType>
      <ContentAudience>00</ContentAudience>
      <ResourceMode>03</ResourceMode>
      <ResourceVersion>
        <ResourceForm>02</ResourceForm>
        <ResourceLink>https://covers.example.org/{isbn}.jpg</ResourceLink>
      </ResourceVersion>
    </SupportingResource>
  </CollateralDetail>
  <PublishingDetail>
    <Imprint><ImprintName>{publisher}</ImprintName></Imprint>
    <Publisher><PublishingRole>01</PublishingRole><PublisherName>{publisher}</PublisherName></Publisher>
    <CountryOfPublication>GB</CountryOfPublication>
    <PublishingStatus>04</PublishingStatus>
    <PublishingDate><PublishingDateRole>01</PublishingDateRole><Date dateformat="00">{date}</Date></PublishingDate>
    <SalesRights>
      <SalesRightsType>01</SalesRightsType>
      <Territory><RegionsIncluded>WORLD</RegionsIncluded></Territory>
    </SalesRights>
  </PublishingDetail>
  <ProductSupply>
    <SupplyDetail>
      <Supplier><SupplierRole>01</SupplierRole><SupplierName>{publisher}</SupplierName></Supplier>
      <ProductAvailability>21</ProductAvailability>
{prices}    </SupplyDetail>
  </ProductSupply>
</Product>
"""
SERIES = """    <Collection>
      <CollectionType>10</CollectionType>
      <TitleDetail>
        <TitleType>01</TitleType>
        <TitleElement>
          <TitleElementLevel>02</TitleElementLevel>
          <PartNumber>{number}</PartNumber>
          <TitleText>{name} Library</TitleText>
        </TitleElement>
      </TitleDetail>
    </Collection>
"""
PRICE = """      <Price>
        <PriceType>{kind}</PriceType>
        <PriceAmount>{amount}</PriceAmount>
        <Tax><TaxType>01</TaxType><TaxRateCode>Z</TaxRateCode><TaxRatePercent>0</TaxRatePercent></Tax>
        <CurrencyCode>{currency}</CurrencyCode>
      </Price>
"""
MONEY = ("GBP", "EUR", "USD")


def write_message(path: Path, products: int) -> None:
    """Write so many products, the same on every machine."""
    with path.open("w", encoding="utf-8") as file:
        file.write(HEAD)
        file.writelines(_products(products))
        file.write("</ONIXMessage>\n")


def _products(count: int) -> Iterator[str]:
    chance = random.Random(3)
    real, authors = catalogue.words()
    real = [[escape(word) for word in title] for title in real]
    pool = [word for title in real for word in title]
    houses = [escape(name.split()[-1]) for name in authors[:1_500]]

    def text(words: int) -> str:
        start = chance.randrange(len(pool) - words)
        return " ".join(pool[start : start + words])

    for number in range(count):
        author = escape(authors[number % len(authors)])
        first, _, last = author.rpartition(" ")
        amount = chance.randrange(499, 2999)
        prices = "".join(
            PRICE.format(kind=kind, amount=f"{amount / 100:.2f}", currency=money)
            for money in MONEY
            for kind in ("02", "05")
        )
        yield PRODUCT.format(
            isbn=catalogue.isbn(number),
            form=chance.choice(("BC", "BC", "BB")),
            series=SERIES.format(number=chance.randrange(1, 30), name=chance.choice(pool)) if number % 20 == 0 else "",
            title=f"{' '.join(real[number % len(real)])[:200]} {number}",
            author=author,
            inverted=f"{last}, {first}",
            life=text(30),
            pages=chance.randrange(96, 900),
            keywords="; ".join(text(8).split()),
            about=text(60),
            more=text(40),
            publisher=f"{chance.choice(houses)} Press",
            date=f"{chance.randrange(1990, 2026)}{chance.randrange(1, 13):02}01",
            prices=prices,
        )
