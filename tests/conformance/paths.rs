//! Request targets (tests/vectors/paths.json).

use keyward::request::RequestPath;
use serde::Deserialize;
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use crate::vector::{self, Fill};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Vectors {
    cases: Vec<Case>,
    without_query: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    target: String,
    fill: Option<Fill>,
    path: Option<String>,
    at: Option<usize>,
}

impl Case {
    fn target(&self) -> Vec<u8> {
        Fill::bytes(self.fill.as_ref(), &self.target)
    }

    fn expected(&self) -> Result<Vec<u8>, usize> {
        match (&self.path, self.at) {
            (Some(path), None) => Ok(Fill::bytes(self.fill.as_ref(), path)),
            (None, Some(at)) => Err(at),
            _ => panic!("{:?}: a path or a place", self.target),
        }
    }
}

fn vectors() -> Vectors {
    vector::read(include_str!("../vectors/paths.json"))
}

#[test]
fn each_target_has_one_path_or_is_refused_where_it_has_two() {
    let cases = vectors().cases;
    assert!(cases.len() >= 150, "{}", cases.len());
    for case in cases {
        let target = case.target();
        let path = RequestPath::of_target(&target)
            .map(|path| path.as_bytes().to_vec())
            .map_err(|error| error.at());
        assert_eq!(path, case.expected(), "{:?}", case.target);
    }
}

#[test]
fn a_path_without_query_is_itself() {
    let Vectors {
        cases,
        without_query,
    } = vectors();
    for case in cases {
        if let Ok(path) = case.expected() {
            let again = RequestPath::parse(&path).expect("a path that was accepted");
            assert_eq!(again.as_bytes(), path);
        }
    }
    for case in without_query {
        let error = RequestPath::parse(&case.target())
            .expect_err(&case.target)
            .at();
        assert_eq!(Err(error), case.expected(), "{:?}", case.target);
    }
}
