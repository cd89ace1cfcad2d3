//! What the detectors find and what they leave alone, on invented data.

use activemirror_policy_pii::{Category, find};

/// Checks that a text holds exactly these pieces of personal data, in this order.
#[track_caller]
fn check(text: &str, expected: &[(Category, &str)]) {
    let found: Vec<(Category, &str)> =
        find(text).iter().map(|finding| (finding.category, &text[finding.start..finding.end])).collect();
    assert_eq!(found, expected, "in {text:?}");
}

/// Checks that each text holds one piece, of this kind.
#[track_caller]
fn check_each(category: Category, texts: &[(&str, &str)]) {
    for (text, expected) in texts {
        check(text, &[(category, expected)]);
    }
}

/// Checks that nothing in these texts is taken for personal.
#[track_caller]
fn check_none(texts: &[&str]) {
    texts.iter().for_each(|text| check(text, &[]));
}

#[test]
fn emails() {
    check_each(
        Category::Email,
        &[
            ("Write to mia.li3818@example.com.", "mia.li3818@example.com"),
            ("<Ana.Núñez+shop@correo.example.es>", "Ana.Núñez+shop@correo.example.es"),
            ("mailto:'j_o'brien@example.co.uk'", "j_o'brien@example.co.uk"),
            ("用户 张伟@例子.公司 谢谢", "张伟@例子.公司"),
            ("a@xn--bcher-kva.example", "a@xn--bcher-kva.example"),
        ],
    );
    check_none(&[
        "user@localhost",
        "logo@2x.png",
        "npm i pkg@1.2.3",
        "@mention and @",
        "a@@b",
        "x@y.1",
        "a.@b.com",
    ]);
}

#[test]
fn cards() {
    check_each(
        Category::PaymentCard,
        &[
            ("4111111111111111", "4111111111111111"),
            ("4111 1111 1111 1111 is it", "4111 1111 1111 1111"),
            ("5500-0055-5555-5559", "5500-0055-5555-5559"),
            ("3782 822463 10005", "3782 822463 10005"),
            ("my card 6759649826438453 please", "6759649826438453"),
            ("card ４１１１１１１１１１１１１１１１", "４１１１１１１１１１１１１１１１"),
            ("my card number is 4111 1111 1111 1112", "4111 1111 1111 1112"),
        ],
    );
    check_none(&[
        "4111111111111112",
        "4111 1111-1111 1111",
        "order 4111111111111111",
        "41111111111111111111111",
        "1716200000000",
        "0000000000000000",
        "credit_card_4421486",
        "gift_card_8190333",
        "card ending in 7447",
    ]);
}

#[test]
fn security_codes() {
    let card = (Category::PaymentCard, "4111 1111 1111 1111");
    let code = |code| (Category::CardSecurityCode, code);
    check("4111 1111 1111 1111 12/27 123", &[card, code("123")]);
    check("4111 1111 1111 1111, exp 12/2027, cvv 1234", &[card, code("1234")]);
    check("4111 1111 1111 1111, 123", &[card, code("123")]);
    check("My CVV is 987.", &[code("987")]);
    check("security code: 456", &[code("456")]);
    check("{\"cvc2\": \"321\"}", &[code("321")]);
    check("{\"cvv\": 321}", &[code("321")]);
    check("4111 1111 1111 1111 for 123 dollars", &[card]);
    check_none(&["The CVV is on the back. 100 people know.", "security line 123", "code 1234", "cvv 12345"]);
}

#[test]
fn ibans() {
    check_each(
        Category::Iban,
        &[
            ("IBAN GB82WEST12345698765432", "GB82WEST12345698765432"),
            ("to DE89 3704 0044 0532 0130 00 today", "DE89 3704 0044 0532 0130 00"),
            ("fr1420041010050500013m02606", "fr1420041010050500013m02606"),
            ("my IBAN is DE89370400440532013001", "DE89370400440532013001"),
        ],
    );
    check_none(&["DE89370400440532013001", "GB82WEST1234569876543", "XX82WEST12345698765432"]);
}

#[test]
fn national_numbers() {
    check_each(
        Category::NationalId,
        &[
            ("078-05-1120", "078-05-1120"),
            ("SSN: 078051120", "078051120"),
            ("ssn 078 05 1120", "078 05 1120"),
            ("Aadhaar 2341 2341 2346", "2341 2341 2346"),
            ("BSN 111222333", "111222333"),
            ("DNI 12345678Z", "12345678Z"),
            ("X1234567L", "X1234567L"),
            ("NHS number 943 476 5919", "943 476 5919"),
            ("1 85 05 78 006 084 91", "1 85 05 78 006 084 91"),
            ("Steuer-ID 86 095 742 719", "86 095 742 719"),
            ("CPF 111.444.777-35", "111.444.777-35"),
            ("RSSMRA85T10A562S", "RSSMRA85T10A562S"),
            ("SIN 046 454 286", "046 454 286"),
            ("AB 12 34 56 C", "AB 12 34 56 C"),
            ("ABCPE1234F", "ABCPE1234F"),
            ("811218-9876", "811218-9876"),
            ("131052-308T", "131052-308T"),
            ("93.05.18-223.61", "93.05.18-223.61"),
            ("756.1234.5678.97", "756.1234.5678.97"),
            ("PESEL 44051401359", "44051401359"),
            ("11010519491231002X", "11010519491231002X"),
            ("RUT 12.345.678-5", "12.345.678-5"),
            ("S1234567D", "S1234567D"),
        ],
    );
    check_none(&[
        "000-12-3456",
        "666-12-3456",
        "219-00-1120",
        "078051120",
        "12345678A",
        "111222333",
        "RSSMRA85T10A562T",
        "111.444.777-36",
        "ABCDE1234F",
    ]);
}

#[test]
fn documents_and_banks() {
    check("My passport number is C01X00T47.", &[(Category::Passport, "C01X00T47")]);
    check("driver's license number is D123-4567-8901", &[(Category::DriverLicense, "D123-4567-8901")]);
    check("routing number 021000021", &[(Category::BankRouting, "021000021")]);
    check("NPI 1234567893", &[(Category::MedicalId, "1234567893")]);
    check("MRN: 00482913", &[(Category::MedicalId, "00482913")]);
    check("Medicare 1EG4-TE5-MK73", &[(Category::MedicalId, "1EG4-TE5-MK73")]);
    check_none(&[
        "routing number 021000022",
        "license 12345678",
        "Apache License 2.0",
        "1234567893",
        "021000021",
    ]);
}

#[test]
fn network_addresses() {
    check_each(
        Category::IpAddress,
        &[
            ("from 203.0.113.7:8080", "203.0.113.7"),
            ("2001:db8:85a3::8a2e:370:7334", "2001:db8:85a3::8a2e:370:7334"),
            ("[2001:db8:0:1:1:1:1:1]:443", "2001:db8:0:1:1:1:1:1"),
        ],
    );
    check_none(&[
        "127.0.0.1",
        "v1.2.3.4",
        "version 1.2.3.4",
        "section 1.2.3.4",
        "IpAddr::V6(a)",
        "1.2.3.4.5",
        "999.1.1.1",
        "std::net",
        "12:30:45",
        "::1",
    ]);
}

#[test]
fn births() {
    check_each(
        Category::DateOfBirth,
        &[
            ("Please tell me your date of birth. It's 2/16/1942", "2/16/1942"),
            ("Omar Rossi (DOB: 1970-06-06)", "1970-06-06"),
            ("born on April 12, 2001 in Rome", "April 12, 2001"),
            ("geboren am 5. Mai 1980", "5. Mai 1980"),
            ("fecha de nacimiento: 3 de mayo de 1990", "3 de mayo de 1990"),
            ("She was born in 1985.", "1985"),
            ("5.4.1990 is my birthday", "5.4.1990"),
            ("{\\\"dob\\\": \\\"1990-04-05\\\", \\\"date\\\": \\\"2024-05-20\\\"}", "1990-04-05"),
            ("\"date_of_birth\":\"1990-04-05\",\"departure\":\"2024-05-20\"", "1990-04-05"),
            ("<dateOfBirth>1990-04-05</dateOfBirth>", "1990-04-05"),
            ("dob=1990-04-05&flight=HAT069", "1990-04-05"),
        ],
    );
    check_none(&[
        "The flight is on 2024-05-20.",
        "Please give name, date of birth and flight date. Departure 2024-05-20",
        "\"created_at\": \"2024-05-11T08:28:51\"",
        "on May 20th at 10:00",
        "founded in 1973",
        "it may 5",
    ]);
}

#[test]
fn phones() {
    check_each(
        Category::Phone,
        &[
            ("+46 (0)8 928 571 38", "+46 (0)8 928 571 38"),
            ("call 001-518-640-0854 now", "001-518-640-0854"),
            ("(212) 555-0142", "(212) 555-0142"),
            ("212.555.0142 x4587", "212.555.0142 x4587"),
            ("555-234-4567 ext. 12", "555-234-4567 ext. 12"),
            ("01.84.17.61.18", "01.84.17.61.18"),
            ("07700 900 966-Fax", "07700 900 966"),
            ("Phone:\n467 3395", "467 3395"),
            ("call me at 5403926876 please", "5403926876"),
            ("416 60 039 office", "416 60 039"),
            ("tel.:030 1234567", "030 1234567"),
            ("电话 ０９０－１２３４－５６７８", "０９０－１２３４－５６７８"),
        ],
    );
    check_none(&[
        "order 555-234-4567",
        "tracking number 5552344567",
        "it costs $5552344567",
        "0.0553131103515625",
        "\"tool_call\": false, \"created_at\": 1749650243",
        "HAT069 and HAT083",
        "reservation 1234567",
        "5552344567",
        "call 2024-05-20",
        "call 2000-2001",
        "Boston 02110-1301",
        "Buffer 66 00 68 01 71 00 77 00 68",
        "Clause 252.227-7013",
        "pub const SMS_ATTENTION: u32 = 536916224;",
        "550e8400-e29b-41d4-a716-446655440000",
        "+1 day",
    ]);
}

#[test]
fn addresses() {
    check_each(
        Category::StreetAddress,
        &[
            (
                "I live at 975 Sunset Drive, Suite 217, Austin, TX 78750 now",
                "975 Sunset Drive, Suite 217, Austin, TX 78750",
            ),
            ("12 rue des lieutenants Thomazo", "12 rue des lieutenants Thomazo"),
            ("Ziegelgasse 19", "Ziegelgasse 19"),
            ("ul. Cicha 86", "ul. Cicha 86"),
            ("Victor Hugo u. 49.", "Victor Hugo u. 49."),
            (
                "51 Franklin Street, Fifth Floor, Boston, MA 02110-1301 USA",
                "51 Franklin Street, Fifth Floor, Boston, MA 02110-1301 USA",
            ),
            ("is it 5586 Lindarstígur 31, Arnsdorf, Germany?", "5586 Lindarstígur 31, Arnsdorf, Germany"),
            ("P.O. Box 211", "P.O. Box 211"),
            ("Unit 1293 Box 4311\nDPO AE 01708", "Unit 1293 Box 4311\nDPO AE 01708"),
            ("lives at 28919 Jahu 80", "28919 Jahu 80"),
            ("send it to 14 main street", "14 main street"),
            (
                "> 3654 Brixtonlaan 380\n> Suite 727\n> Charleroi\n> Belgium 42940",
                "3654 Brixtonlaan 380\n> Suite 727\n> Charleroi\n> Belgium 42940",
            ),
            ("at the corner of Kings Road and Alder Street 5", "corner of Kings Road and Alder Street 5"),
        ],
    );
    check_none(&[
        "Flight HAT136 from JFK at 19:00",
        "1. **Flight HAT084** 2 bags",
        "I sent Invoice 1234",
        "Meet me at Gate 12",
        "moved to Windows 11",
        "a 3 hour drive",
        "Boeing 747 to Paris, France",
        "2 Economy seats",
        "will return an error for raw RFC 3339",
        "a chance to store:\n\nThread 1",
        "an AMD Ryzen 7 PRO 3700 in it",
        "RFC 2822, RFC 9110, RFC 3339",
        "3x via experimental",
        "(0 AN AV 1 BN BV 2 CN CV)",
        "{\"address\": \"127.0.0.1\", \"ip\": \"0.0.0.0\"}",
    ]);
}

#[test]
fn postal_codes() {
    check("my zip code is 35350", &[(Category::PostalCode, "35350")]);
    check("ZIP: 7412 SL", &[(Category::PostalCode, "7412 SL")]);
    check("PLZ 10115", &[(Category::PostalCode, "10115")]);
    check_none(&["35350", "unzip 35350 files", "zip file 12"]);
}

#[test]
fn names() {
    let name = |name| (Category::PersonName, name);
    check("My name is Mia van der Berg-Li, hello", &[name("Mia van der Berg-Li")]);
    check("Mr. Omar J. Rossi called", &[name("Omar J. Rossi")]);
    check("- **Passengers:** Omar Davis, Fatima Patel\n", &[name("Omar Davis"), name("Fatima Patel")]);
    check("{\"first_name\": \"Mia\", \"last_name\": \"Li\"}", &[name("Mia"), name("Li")]);
    let email = (Category::Email, "mia@example.com");
    check("{\"name\": \"Mia Li\", \"email\": \"mia@example.com\"}", &[name("Mia Li"), email]);
    check_none(&[
        "{\"name\": \"get_user_details\"}",
        "{\"service.name\": \"unknown\", \"tool\": {\"name\": \"Search\"}}",
        "Passengers: Each reservation has five",
        "my name is on the list",
    ]);
}

#[test]
fn fields_of_json_in_text() {
    check(
        r#"{"address": {"address1": "975 Sunset Drive", "city": "Austin", "country": "USA", "zip": "78750"}, "phone": 5551234567}"#,
        &[
            (Category::StreetAddress, "975 Sunset Drive"),
            (Category::StreetAddress, "Austin"),
            (Category::PostalCode, "78750"),
            (Category::Phone, "5551234567"),
        ],
    );
    check(r#"{'ssn': '123456789', 'phone': 'none', 'email': 'yes'}"#, &[(Category::NationalId, "123456789")]);
    check(r#"{"payment_id": "credit_card_4421486", "last_four": "7447", "amount": 7136}"#, &[]);
    check(r#"{"city": "Denver", "status": "delayed"}"#, &[]);
}

#[test]
fn the_stronger_reading_wins() {
    check(
        "Address: 12 Elm Street, call 212-555-0142",
        &[(Category::StreetAddress, "12 Elm Street"), (Category::Phone, "212-555-0142")],
    );
    check("phone 4111 1111 1111 1111", &[(Category::PaymentCard, "4111 1111 1111 1111")]);
    check("phone 078-05-1120", &[(Category::NationalId, "078-05-1120")]);
}
