//! Finding a secret, in whatever form, in all that there is.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::program::directory::Directory;

/// What may come out of a secret on the way: it, it backwards, base64 of it at each of three offsets, its hexadecimal
/// digits; and the same of what it is base64 of.
pub(super) fn forms(key: &str) -> Vec<Vec<u8>> {
    let mut plain = vec![key.as_bytes().to_vec()];
    plain.extend(STANDARD.decode(key));
    let mut forms = Vec::new();
    for bytes in plain {
        // Neither prefix nor hint: twenty bytes out of the middle, so that a part of it is found as well.
        let start = bytes.len() / 2 - 10;
        let middle = &bytes[start..start + 20];
        for offset in 0..3 {
            let encoded = STANDARD.encode([&b"xxx"[..offset], middle].concat());
            // Without the characters that what stands beside it has a part in.
            let inner = &encoded[(offset * 8).div_ceil(6)..(offset + 20) * 8 / 6];
            forms.push(inner.replace('+', "-").replace('/', "_").into_bytes());
            forms.push(inner.as_bytes().to_vec());
        }
        let mut hex = String::new();
        for byte in middle {
            let _ = write!(hex, "{byte:02x}");
        }
        forms.push(hex.to_uppercase().into_bytes());
        forms.push(hex.into_bytes());
        forms.push(middle.iter().rev().copied().collect());
        forms.push(middle.to_vec());
    }
    forms.sort();
    forms.dedup();
    forms
}

/// Many things to find in one pass.
#[derive(Default)]
pub(super) struct Search(HashMap<[u8; 8], Vec<(usize, Vec<u8>)>>);

impl Search {
    pub(super) fn add(&mut self, which: usize, form: Vec<u8>) {
        let start = *form.first_chunk().expect("long enough");
        self.0.entry(start).or_default().push((which, form));
    }

    /// Which of them are in `bytes`, and as what.
    pub(super) fn found<'a>(&'a self, bytes: &'a [u8]) -> impl Iterator<Item = (usize, &'a [u8])> {
        let windows = bytes.windows(8).enumerate();
        windows.flat_map(move |(at, window)| {
            let start: &[u8; 8] = window.first_chunk().expect("eight");
            let known = self.0.get(start).map_or(&[][..], Vec::as_slice);
            let known = known
                .iter()
                .filter(move |(_, form)| bytes[at..].starts_with(form));
            known.map(|(which, form)| (*which, &**form))
        })
    }
}

/// Every file below a directory.
fn files(place: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(place).expect("a directory");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    paths
        .flat_map(|path| {
            if path.is_dir() {
                files(&path)
            } else {
                vec![path]
            }
        })
        .collect()
}

/// Adds what every file holds.
pub(super) fn read(place: &Directory, when: &str, sinks: &mut Vec<(String, Vec<u8>)>) {
    for file in files(place.path()) {
        let name = file.strip_prefix(place.path()).expect("below").display();
        sinks.push((
            format!("{name}, {when}"),
            std::fs::read(&file).unwrap_or_default(),
        ));
    }
}
