//! What all machines agree on is also right: some vectors, computed again without core, from the
//! documents that the formats follow.

mod independent {
    pub(crate) mod composition;
    pub(crate) mod hex;
}

use activemirror_core::log::codec::Codec;
use activemirror_core::log::pack::Leaves;
use activemirror_core::vault::Salt;
use activemirror_vectors::inputs::{ADA, NAMESPACE, PRINTABLE, ROOT, salt};
use activemirror_vectors::{Ring, golden_block, golden_pack, pack_headers};
use ed25519_dalek::{Signature, SigningKey, VerifyingKey};
use independent::composition::{derived, hmac_sha256, opened, root_of, sha256};
use independent::hex::{bytes_of, golden};

#[test]
fn a_leaf_is_the_documented_bytes_under_its_salt() {
    // Postcard, by hand: the record `thought-of-ascii`, number 3 of its block.
    #[rustfmt::skip]
    let canonical = [
        &[0x00][..],                            // kind: thought
        &zigzag(1_700_000_000_001),             // time
        b"golden: customer",                    // subject, 16 bytes as they are
        &[1, 9], b"trace_001",                  // trace: there, nine bytes
        &[1, 7], b"support",                    // agent
        &[1, 11], b"session_001",               // session
        &[0],                                   // alias: none
        &[0],                                   // action: none
        &[0],                                   // intent: none
        &[0],                                   // confidence: none
        &[0],                                   // body: an event
        &[1, 17], b"look up the order",         // its text
        &[0],                                   // no leaves
        &[0],                                   // no marks
    ]
    .concat();
    assert_eq!(canonical, bytes_of("canonical/thought-of-ascii"));
    let log = sha256(&[&bytes_of("key/public")]);
    assert_eq!(log.as_slice(), bytes_of("key/log-id"));
    let salts = derived(&ADA.key, "leaf-salt");
    let salt = hmac_sha256(&salts, &[&log, &3_u64.to_le_bytes()]);
    assert_eq!(sha256(&[&[0x00], &salt, &canonical]).as_slice(), bytes_of("leaf/thought-of-ascii"));
}

#[test]
fn structured_values_are_the_documented_bytes() {
    #[rustfmt::skip]
    let canonical = [
        &[0x02][..],                            // kind: observation
        &zigzag(1_700_000_000_005),
        &[0; 16],                               // subject: the golden namespace
        &[1, 9], b"trace_001", &[1, 7], b"support", &[1, 11], b"session_001",
        &[0, 0, 0, 0],                          // no alias, action, intent, confidence
        &[0, 0, 7],                             // an event without text, seven leaves
        &[10], b"/data/null", &[0],             // null
        &[8], b"/data/no", &[1, 0],             // false
        &[9], b"/data/yes", &[1, 1],            // true
        &[16], b"/data/empty_text", &[6, 0],    // text, no bytes
        &[18], b"/data/empty_object", &[7],
        &[16], b"/data/empty_list", &[8],
        &[5], b"/data", &[7],
        &[0],                                   // no marks
    ]
    .concat();
    assert_eq!(canonical, golden("canonical/leaves-that-would-vanish"));
}

#[test]
fn a_header_is_the_documented_bytes() {
    let header = bytes_of("log-header/9");
    let log = bytes_of("key/log-id");
    #[rustfmt::skip]
    let expected = [
        b"AMBLOCK1", &log[..],
        &8_u64.to_le_bytes(), &800_u64.to_le_bytes(), &100_u32.to_le_bytes(), &[0; 4],
        &(-1_i64).to_le_bytes(), &8_i64.to_le_bytes(), &[8; 32],
    ]
    .concat();
    assert_eq!(header, expected);
    assert_eq!(header.len(), 112);
    assert_eq!(sha256(&[&[0x00], &header]).as_slice(), bytes_of("log-leaf/9"));
}

#[test]
fn tree_heads_are_those_of_rfc_6962() {
    let leaves: Vec<[u8; 32]> =
        (1..=9).map(|size| bytes_of(&format!("log-leaf/{size}")).try_into().expect("a hash")).collect();
    for size in 0..=9 {
        assert_eq!(root_of(&leaves[..size]).as_slice(), bytes_of(&format!("log-root/{size}")));
    }
}

#[test]
fn this_rfc_6962_is_that_of_certificate_transparency() {
    // The reference leaves and roots of the CT project's own Merkle tree tests.
    let data =
        ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
    let leaves = data.map(|data| sha256(&[&[0x00], &independent::hex::decode(data)]));
    let roots = [
        (0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        (1, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"),
        (2, "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"),
        (3, "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"),
        (8, "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"),
    ];
    for (size, root) in roots {
        assert_eq!(root_of(&leaves[..size]).as_slice(), independent::hex::decode(root), "{size} leaves");
    }
}

#[test]
fn keys_derive_by_hkdf() {
    for label in ["signing", "structure", "index", "wrapping", "fingerprint"] {
        assert_eq!(derived(&ROOT, label).as_slice(), bytes_of(&format!("key-derived/{label}")));
    }
    let public = SigningKey::from_bytes(&derived(&ROOT, "signing")).verifying_key();
    assert_eq!(public.as_bytes().as_slice(), bytes_of("key/public"));
    let index = derived(&ROOT, "index");
    let name = ADA.name.as_bytes();
    assert_eq!(hmac_sha256(&index, &[b"subject\0", name])[..16], bytes_of("subject-ref/Ada Lovelace"));
    assert_eq!(hmac_sha256(&index, &[b"trace\0", name])[..16], bytes_of("keyed-hash/Ada Lovelace"));
}

#[test]
fn a_checkpoint_is_a_c2sp_signed_note() {
    let note = String::from_utf8(golden("checkpoint/of-nine-blocks")).expect("text");
    let (text, signature) = note.split_once("\n\n").expect("text, empty line, signature");
    let name = format!("activemirror/{}", independent::hex::encode(&bytes_of("key/log-id")));
    let root = independent::hex::base64(&bytes_of("log-root/9"));
    assert_eq!(text, format!("{name}\n9\n{root}"));
    let line = signature.strip_prefix("\u{2014} ").and_then(|line| line.strip_suffix('\n'));
    let (signer, encoded) = line.and_then(|line| line.split_once(' ')).expect("a signature line");
    assert_eq!(signer, name);
    let signature = independent::hex::from_base64(encoded);
    let public = bytes_of("key/public");
    // signed-note: SHA-256(name ‖ 0A ‖ 01 ‖ public key), four bytes.
    assert_eq!(signature[..4], sha256(&[name.as_bytes(), &[0x0a, 0x01], &public])[..4]);
    let key = VerifyingKey::from_bytes(&public.try_into().expect("32 bytes")).expect("a point");
    let signed = Signature::from_slice(&signature[4..]).expect("64 bytes");
    key.verify_strict(format!("{text}\n").as_bytes(), &signed).expect("Ed25519 says so");
}

#[test]
fn sealed_bytes_open_by_the_c2sp_document() {
    for len in [0, 1, 16_383, 16_384, 16_385, 32_768] {
        let sealed = golden(&format!("sealed-bytes/{len}"));
        let plain = opened(&ADA.key, &salt(1), b"context of two parts", &sealed);
        assert_eq!(plain.as_deref(), Some(&PRINTABLE[..len]), "{len} bytes");
        assert_eq!(opened(&ADA.key, &salt(1), b"context of three parts", &sealed), None);
    }
}

#[test]
fn a_wrapped_key_opens_by_the_c2sp_document() {
    let wrapped = bytes_of("wrapped/namespace");
    let context = [b"activemirror/v1/subject-key\0".as_slice(), &NAMESPACE.subject.0].concat();
    let key = opened(&derived(&ROOT, "wrapping"), &salt(0), &context, &wrapped);
    assert_eq!(key.as_deref(), Some(NAMESPACE.key.as_slice()));
}

#[test]
fn a_block_is_the_documented_bytes() {
    let ring = Ring::new();
    let (header, stored) = golden_block(&ring, &mut Vec::new).expect("a Vec has room");
    let (covered, digest) = stored.split_last_chunk::<32>().expect("a digest");
    assert_eq!(sha256(&[&header.to_bytes(), covered]), *digest);
    assert_eq!(covered[0], 0, "codec: rows");
    let (structure, rest) = bytes(&covered[1..]);
    let plain = open_segment(&derived(&ROOT, "structure"), 1, &header.leaf_hash(), &[0; 17], structure);
    // Five names: the trace's three, an action's, an intent's, as they come.
    assert_eq!(plain[..13], *b"\x05\x09trace_001\x07s");
    let (people, rest) = rest.split_first().expect("a number");
    assert_eq!(*people, 3);
    let (subject, rest) = rest.split_at(16);
    assert_eq!(subject, ADA.subject.0);
    assert_eq!(rest[0], 0, "sealed, not erased");
    let (content, _) = bytes(&rest[1..]);
    let place = [&[1][..], subject].concat();
    let plain = open_segment(&ADA.key, 2, &header.leaf_hash(), &place, content);
    // How many bodies, then the first: a trace start without text, with two leaves.
    assert_eq!(plain[1..27], *b"\x01\x00\x02\x08/user_id\x06\x0cAda Lovelace"[..26].as_ref());
}

#[test]
fn a_pack_is_the_documented_bytes() {
    let ring = Ring::new();
    let headers = pack_headers(&ring).expect("the golden blocks open").map(|header| header.to_bytes());
    let pack = golden_pack(&ring, Leaves::Kept, Codec::Rows).expect("the golden blocks are packed");
    let (covered, digest) = pack.split_last_chunk::<32>().expect("a digest");
    assert_eq!(sha256(&[&headers[0], &headers[1], covered]), *digest);
    assert_eq!(covered[0], 128, "a pack, codec: rows");
    let root = root_of(&headers.map(|header| sha256(&[&[0], &header])));
    let (structure, rest) = bytes(&covered[1..]);
    let key = derived(&ROOT, "structure");
    let plain = open_labelled(b"AMPACK01/seal/", &key, 1, &root, &[0; 17], structure);
    // The names of both blocks, once.
    assert_eq!(plain[..13], *b"\x05\x09trace_001\x07s");
    assert_eq!(rest[0], 3, "three people");
    // What it carries last is a leaf hash for each record.
    let leaves = (34 + 6) * 32;
    assert_eq!(bytes(&covered[covered.len() - leaves - 2..]).0.len(), leaves);
}

/// Opens a segment of a block.
fn open_segment(key: &[u8; 32], number: u8, leaf: &[u8; 32], place: &[u8], sealed: &[u8]) -> Vec<u8> {
    open_labelled(b"AMBLOCK1/seal/", key, number, leaf, place, sealed)
}

/// Opens a segment; its context is 14 bytes of label, codec, whether it is content, whose, and the
/// header's leaf, or the root over several.
fn open_labelled(
    label: &[u8; 14],
    key: &[u8; 32],
    number: u8,
    leaf: &[u8; 32],
    place: &[u8],
    sealed: &[u8],
) -> Vec<u8> {
    let context = [label, &[0][..], place, leaf].concat();
    let salt: Salt = salt(number);
    opened(key, &salt, &context, sealed).expect("it opens by the document")
}

/// A postcard byte string: its length in a varint, then its bytes; and what follows.
fn bytes(postcard: &[u8]) -> (&[u8], &[u8]) {
    let (mut len, mut at) = (0, 0);
    loop {
        len |= usize::from(postcard[at] & 0x7f) << (7 * at);
        at += 1;
        if postcard[at - 1] & 0x80 == 0 {
            return postcard[at..].split_at(len);
        }
    }
}

/// A signed number in postcard: zigzag, then seven bits a byte, the lowest first.
fn zigzag(number: i64) -> Vec<u8> {
    let mut rest = ((number << 1) ^ (number >> 63)) as u64;
    let mut bytes = Vec::new();
    while rest >= 0x80 {
        bytes.push(rest as u8 | 0x80);
        rest >>= 7;
    }
    bytes.push(rest as u8);
    bytes
}
