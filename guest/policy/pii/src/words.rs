//! The words that are evidence, by the part they play. A detector never asks which word stands
//! somewhere, only which role it has, so a further language is a further row here.

use crate::table::{Table, WordHash};

/// The parts words play, as bits: a word may have several.
pub(crate) mod role {
    /// Speaks of a birth.
    pub(crate) const BIRTH: u32 = 1;
    /// Makes a date something else than a birth.
    pub(crate) const OTHER_DATE: u32 = 1 << 1;
    /// Speaks of a telephone.
    pub(crate) const PHONE: u32 = 1 << 2;
    /// May speak of a telephone.
    pub(crate) const REACH: u32 = 1 << 3;
    /// Says, behind a telephone number, which one it is.
    pub(crate) const LINE: u32 = 1 << 4;
    /// Makes a number a reference to a thing.
    pub(crate) const THING: u32 = 1 << 5;
    /// Speaks of a payment card.
    pub(crate) const CARD: u32 = 1 << 6;
    /// Names a card's security code, or begins to.
    pub(crate) const SECURITY_CODE: u32 = 1 << 7;
    /// Names one state's number for persons, and nothing else.
    pub(crate) const NATIONAL: u32 = 1 << 8;
    /// May name a state's number for persons.
    pub(crate) const CIVIL: u32 = 1 << 9;
    /// Speaks of a passport.
    pub(crate) const PASSPORT: u32 = 1 << 10;
    /// Speaks of driving.
    pub(crate) const DRIVER: u32 = 1 << 11;
    /// Speaks of a licence.
    pub(crate) const LICENSE: u32 = 1 << 12;
    /// Speaks of a bank's routing number.
    pub(crate) const ROUTING: u32 = 1 << 13;
    /// May introduce a person's name.
    pub(crate) const INTRODUCES: u32 = 1 << 14;
    /// Speaks of a number in health care.
    pub(crate) const MEDICAL: u32 = 1 << 15;
    /// Speaks of a postal code.
    pub(crate) const POSTAL: u32 = 1 << 16;
    /// Ends a street's name, in English, and is hardly anything else.
    pub(crate) const STREET: u32 = 1 << 17;
    /// May end a street's name, in English.
    pub(crate) const STREET_LIKE: u32 = 1 << 18;
    /// Begins a street's name.
    pub(crate) const STREET_FIRST: u32 = 1 << 19;
    /// Stands between a street's name and the house number.
    pub(crate) const STREET_LAST: u32 = 1 << 20;
    /// A part of a building.
    pub(crate) const UNIT: u32 = 1 << 21;
    /// Ends a country's name.
    pub(crate) const COUNTRY: u32 = 1 << 22;
    /// Says that a place follows.
    pub(crate) const PLACE: u32 = 1 << 23;
    /// Is no part of a street's name.
    pub(crate) const NO_STREET: u32 = 1 << 24;
    /// A month.
    pub(crate) const MONTH: u32 = 1 << 25;
    /// Stands before a person's name.
    pub(crate) const TITLE: u32 = 1 << 26;
    /// Joins the parts of a name.
    pub(crate) const PARTICLE: u32 = 1 << 27;
    /// Holds sentences together: never a name.
    pub(crate) const FUNCTION: u32 = 1 << 28;
    /// May stand between a label and its value.
    pub(crate) const LINK: u32 = 1 << 29;
    /// Measures or counts: what stands before is an amount.
    pub(crate) const AMOUNT: u32 = 1 << 30;
    /// Mail of the armed forces: the offices and what their addresses begin with.
    pub(crate) const MILITARY: u32 = 1 << 31;
}

/// The roles of the word with this hash.
pub(crate) fn roles(word: WordHash) -> u32 {
    ROLES.value(word)
}

static ROLES: Table<1536> = Table::new(&[
    (
        role::BIRTH,
        "born birth birthday birthdate bday dob birthyear geboren geburtsdatum geburtstag geboortedatum \
         né née naissance nacimiento nacido nacida cumpleaños nascita nascimento nascido nascida urodzenia \
         urodzony urodzona född födelsedatum født fødselsdato syntynyt syntymäaika narozen narozena született",
    ),
    (
        role::OTHER_DATE,
        "flight flights fly flying departure departs depart departing arrival arrives arriving return returning \
         travel trip booking booked reservation expires expiry expiration expire issued created updated due since \
         order ordered delivery delivered appointment deadline until starting start ends effective posted invoice \
         hired joined visit died death",
    ),
    (
        role::PHONE,
        "phone phones telephone tel mobile mobiles cell cellphone fax whatsapp landline \
         hotline voicemail viber telefon telefonnummer telefono teléfono téléphone telefone móvil celular \
         handynummer mobil mobilnummer gsm puhelin",
    ),
    (
        role::REACH,
        "call calling dial ring sms reach text contact message messages registered answering answer number numbers desk office work home direct",
    ),
    (role::LINE, "office fax mobile cell home work desk landline direct phone tel"),
    (
        role::THING,
        "order orders invoice reservation booking ticket reference ref tracking serial flight flights confirmation \
         case certificate id ids account acct sku isbn part model transaction version policy claim batch lot item \
         product pnr receipt customer member membership employee record zip build gift issue port error row",
    ),
    (
        role::CARD,
        "card cards credit debit visa mastercard amex discover maestro cc kreditkarte kreditkartennummer carte \
         tarjeta cartão",
    ),
    (role::SECURITY_CODE, "cvv cvc csc cvn security"),
    (
        role::NATIONAL,
        "ssn ssns itin bsn burgerservicenummer aadhaar aadhar uidai nhs cpf dni nif nir nino tfn steueridnr \
         steueridentifikationsnummer personnummer fødselsnummer henkilötunnus hetu pesel curp nric ppsn cnp tckn",
    ),
    (
        role::CIVIL,
        "social insurance national identity identification sin nie nin tin taxpayer steuer steuernummer tax cpr rut \
         ahv avs fiscale fiscal sécurité civil citizen sofi",
    ),
    (
        role::PASSPORT,
        "passport passports reisepass reisepassnummer passeport pasaporte passaporto passaporte paspoort",
    ),
    (role::DRIVER, "driver drivers driving dl dln führerschein führerscheinnummer"),
    (role::LICENSE, "license licence dl dln führerschein führerscheinnummer"),
    (role::ROUTING, "routing aba rtn transit"),
    (role::INTRODUCES, "name me"),
    (role::MEDICAL, "npi mrn mbi medicare medicaid"),
    (role::POSTAL, "zip zipcode postcode postal plz postleitzahl cep"),
    (
        role::STREET,
        "street st str road rd avenue ave boulevard blvd lane ln drive dr parkway pkwy highway hwy",
    ),
    (
        role::STREET_LIKE,
        "court ct place pl way circle cir terrace ter close crescent gardens garden grove square sq trail trl alley \
         row mews walk hill hills rise quay esplanade parade promenade loop pike plaza bypass freeway turnpike vista \
         path branch bridge brook camp canyon cape causeway center centers cliff cliffs club common corner corners \
         course cove creek crest crossing crossroad curve dale dam divide estate estates expressway fall falls ferry \
         field fields flat flats ford forest forge forges fork forks fort gateway glen green greens harbor haven \
         heights hollow inlet island islands isle junction key knoll lake land landing light lock lodge mall manor \
         meadow meadows mill mills mission mount mountain neck orchard oval overpass park parks pass passage pine \
         pines plain plains point points port prairie ramp ranch rapid rapids rest ridge river route rue run shoal \
         shoals shore shores skyway spring springs spur squares station stream streets summit throughway trace track \
         tunnel underpass union valley via viaduct view views village ville walks wall ways well wells terrasse",
    ),
    (
        role::STREET_FIRST,
        "rue viale vicolo corso piazza piazzale largo rua avenida av praça travessa estrada calle carrer plaza paseo \
         camino carretera ronda travesía ul ulica aleje aleja plac chemin impasse allée quai boulevard cours strada \
         bulevardul calea via avenue jalan",
    ),
    (
        role::STREET_LAST,
        "utca u út útja tér tere körút krt rkp rakpart sétány köz fasor lépcső kapu tn mnt pst sokak sk caddesi cad \
         terrasse allé plads torg gate",
    ),
    (role::UNIT, "apt apartment suite ste flat unit floor room wohnung piso étage building bldg"),
    (
        role::COUNTRY,
        "states usa kingdom uk ireland canada australia zealand germany deutschland austria österreich switzerland \
         schweiz suisse france belgium netherlands nederland luxembourg denmark danmark sweden sverige norway norge \
         finland suomi iceland greenland greenlander estonia latvia lithuania poland polska czechia republic slovakia \
         slovenia hungary romania bulgaria croatia serbia bosnia greece greek cyprus turkey türkiye italy italia \
         spain españa portugal malta ukraine russia israel egypt morocco tunisia algeria africa nigeria kenya ghana \
         india pakistan bangladesh china japan korea taiwan vietnam thailand malaysia singapore indonesia \
         philippines mexico méxico brazil brasil argentina chile peru colombia uruguay paraguay ecuador venezuela \
         emirates arabia qatar",
    ),
    (
        role::PLACE,
        "address addresses lives live living lived resides residing located location deliver delivered ship shipped \
         shipping sent send moved office offices meet drops restaurant hotel house station \
         arrived wohnt adresse anschrift dirección endereço indirizzo",
    ),
    (
        role::NO_STREET,
        "gate terminal table room flight flights floor platform level step option chapter section page article \
         version windows python act title line lines group team phase stage grade class row seat part figure \
         number no nr order ticket case total pm am est pst cst utc gmt dear hi hello thanks regards economy \
         business",
    ),
    (
        role::MONTH,
        "january february march april may june july august september october november december jan feb mar apr jun \
         jul aug sep sept oct nov dec januar februar märz mai juni juli oktober dezember janvier février mars avril \
         juin juillet août septembre octobre novembre décembre enero febrero marzo abril mayo junio julio agosto \
         septiembre octubre noviembre diciembre gennaio febbraio aprile maggio giugno luglio settembre ottobre \
         dicembre janeiro fevereiro março maio junho julho setembro outubro dezembro januari februari maart mei \
         augustus",
    ),
    (role::TITLE, "mr mrs ms miss dr prof mx herr frau monsieur madame señor señora sr sra signor signora"),
    (
        role::PARTICLE,
        "de da do dos das del della dei degli di du des la le les los las van von der den het ten ter af y e i zu \
         zum zur el al d l st saint sankt san santa nad pod u o",
    ),
    (
        role::FUNCTION,
        "the a an is are was were be to of and or in on at for from with by my your his her our their this that it \
         its i you he she we they me him us them not no yes please if when what where who how can could would will \
         shall should do does did have has had as but so than then there here just about into over after before up \
         down out now also any all some one more next last am pm off",
    ),
    (role::LINK, "is are was number numbers no nr num code value it s my the id to be will"),
    (
        role::AMOUNT,
        "usd eur gbp dollars dollar euros euro pounds cents rupees yen chf points miles percent km kg year years week weeks day days \
         hour hours minute minutes second seconds mile bytes items people",
    ),
    (role::MILITARY, "apo fpo dpo unit psc cmr uss usns usnv uscgc"),
]);
