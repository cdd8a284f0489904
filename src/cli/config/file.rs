//! The settings in a file of TOML: names and values, without tables.

use std::path::Path;

use toml::Spanned;
use toml::de::{DeTable, DeValue};
use zeroize::Zeroizing;

use super::settings::{self, SETTINGS, Setting, Shape};
use super::{Given, Origin};
use crate::cli::Failure;
use crate::key::misplaced;

/// What the file says. What it cannot say is a mistake with its line.
pub(super) fn read(path: &Path, mistakes: &mut Vec<String>) -> Result<Vec<Given>, Failure> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| Failure::failed(format!("--config {}: {error}", path.display())))?;
    let line = |place: usize| {
        1 + text
            .bytes()
            .take(place)
            .filter(|&byte| byte == b'\n')
            .count()
    };
    let at = |place: usize| format!("{} line {}", path.display(), line(place));
    let table = match DeTable::parse(&text) {
        Ok(table) => table.into_inner(),
        Err(error) => {
            let place = error.span().map_or(0, |span| span.start);
            mistakes.push(format!("{}: {}", at(place), error.message()));
            return Ok(Vec::new());
        }
    };
    let mut given = Vec::new();
    for (name, value) in &table {
        let place = name.span().start;
        let Some(setting) = SETTINGS
            .iter()
            .find(|setting| setting.name == name.get_ref())
        else {
            let name = name.get_ref();
            let meant = settings::meant(name, |name| format!("`{name}`"));
            mistakes.push(format!(
                "{}: there is no setting `{}`; {meant}",
                at(place),
                misplaced::shown(name)
            ));
            continue;
        };
        let Some(texts) = texts(setting, value) else {
            let wanted = wanted(setting.shape);
            mistakes.push(format!("{}: {}: write {wanted}", at(place), setting.name));
            continue;
        };
        given.push(Given {
            setting,
            texts,
            origin: Origin::File {
                path: path.to_owned(),
                line: line(place),
            },
        });
    }
    Ok(given)
}

fn texts(setting: &Setting, value: &Spanned<DeValue<'_>>) -> Option<Vec<Zeroizing<String>>> {
    let text = match (setting.shape, value.get_ref()) {
        (Shape::Text, DeValue::String(text)) => text.to_string(),
        (Shape::Number, DeValue::Integer(number)) if number.radix() == 10 => {
            number.as_str().to_owned()
        }
        (Shape::Switch, DeValue::Boolean(switch)) => switch.to_string(),
        (Shape::List, DeValue::Array(list)) => {
            let texts = list.iter().map(|item| match item.get_ref() {
                DeValue::String(text) => Some(Zeroizing::new(text.to_string())),
                _ => None,
            });
            return texts.collect();
        }
        _ => return None,
    };
    Some(vec![Zeroizing::new(text)])
}

const fn wanted(shape: Shape) -> &'static str {
    match shape {
        Shape::Text => "a text in quotes",
        Shape::Number => "a number",
        Shape::Switch => "true or false",
        Shape::List => "a list of texts: [\"…\"]",
    }
}
