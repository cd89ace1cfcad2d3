//! The log's tree against published proofs, and against itself at every small size.

use std::fs;
use std::path::Path;

use activemirror_core::hash::{Digest, leaf, node, sha256};
use activemirror_core::log::tree::{Frontier, consistency, consistency_holds, inclusion, inclusion_holds};

fn leaves(count: usize) -> Vec<Digest> {
    (0..count as u64).map(|number| leaf(&number.to_le_bytes())).collect()
}

/// RFC 6962 §2.1, word for word.
fn root(leaves: &[Digest]) -> Digest {
    match leaves {
        [] => sha256(&[]),
        [one] => *one,
        many => {
            let split = (1..many.len()).rev().find(|split| split.is_power_of_two()).unwrap();
            node(&root(&many[..split]), &root(&many[split..]))
        }
    }
}

#[test]
fn the_frontier_gives_the_root_of_the_standard() {
    for size in 0..70 {
        let leaves = leaves(size);
        assert_eq!(Frontier::over(&leaves).root(), root(&leaves), "{size} leaves");
    }
}

#[test]
fn every_leaf_of_every_small_tree_is_proven_and_no_other() {
    for size in 1..34 {
        let leaves = leaves(size);
        let root = root(&leaves);
        for (index, leaf) in leaves.iter().enumerate() {
            let proof = inclusion(&leaves, index).unwrap();
            let holds =
                |at: usize, proof: &[Digest]| inclusion_holds(leaf, at as u64, size as u64, proof, &root);
            assert!(holds(index, &proof), "leaf {index} of {size}");
            assert!(
                (0..size + 2).all(|other| other == index || !holds(other, &proof)),
                "leaf {index} of {size}"
            );
            assert!(proof.is_empty() || !holds(index, &proof[1..]));
            assert!(!holds(index, &[proof.clone(), vec![*leaf]].concat()));
        }
        assert_eq!(inclusion(&leaves, size), None);
    }
}

#[test]
fn every_small_tree_extends_its_own_past_and_no_other() {
    for size in 1..34usize {
        let leaves = leaves(size);
        let new = (size as u64, &root(&leaves));
        for old in 1..=size {
            let proof = consistency(&leaves, old).unwrap();
            let before = root(&leaves[..old]);
            assert!(consistency_holds((old as u64, &before), new, &proof), "{old} to {size}");
            let forged = leaf(b"forged");
            assert!(!consistency_holds((old as u64, &forged), new, &proof), "{old} to {size}");
            assert!(!consistency_holds((old as u64, &before), (size as u64, &forged), &proof));
            assert!(!consistency_holds((old as u64, &before), new, &[proof, vec![forged]].concat()));
        }
        assert_eq!(consistency(&leaves, 0), None);
        assert_eq!(consistency(&leaves, size + 1), None);
    }
}

#[test]
fn published_proofs_good_and_bad() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/vectors/merkle-inclusion");
    let Ok(files) = fs::read_dir(&folder) else {
        println!("not run on {}: it is not there", folder.display());
        return;
    };
    let (mut good, mut bad) = (0, 0);
    for file in files {
        let path = file.unwrap().path();
        let vector: serde_json::Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        let wrong = vector["wantErr"].as_bool().unwrap();
        assert_eq!(holds(&vector), !wrong, "{}: {}", path.display(), vector["desc"]);
        if wrong { bad += 1 } else { good += 1 }
    }
    assert!(good > 3 && bad > 50, "{good} good, {bad} bad");
}

/// A vector's proof, judged; what is no digest or no index counts as not holding.
fn holds(vector: &serde_json::Value) -> bool {
    let digest = |value: &serde_json::Value| -> Option<Digest> { base64(value.as_str()?).try_into().ok() };
    let judged = || {
        let proof = match vector["proof"].as_array() {
            None => Vec::new(),
            Some(proof) => proof.iter().map(digest).collect::<Option<Vec<_>>>()?,
        };
        let (leaf, root) = (digest(&vector["leafHash"])?, digest(&vector["root"])?);
        let (index, size) = (vector["leafIdx"].as_u64()?, vector["treeSize"].as_u64()?);
        Some(inclusion_holds(&leaf, index, size, &proof, &root))
    };
    judged().unwrap_or(false)
}

fn base64(text: &str) -> Vec<u8> {
    use base64ct::{Base64, Encoding};
    Base64::decode_vec(text).unwrap_or_default()
}
