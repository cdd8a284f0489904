//! What each level grants, with the levels that it includes.

use super::document::{Document, NamedLevel};
use super::mistakes::Mistakes;
use super::{optional, scopes_of};
use crate::access::{Level, ScopeSet};
use crate::limit::Rate;

/// The levels, in the document's order.
pub(super) fn resolve(document: &Document, mistakes: &mut Mistakes<'_>) -> Vec<Level> {
    let levels = document.levels.get();
    let mut resolver = Resolver {
        document,
        resolved: vec![None; levels.len()],
        open: Vec::new(),
    };
    let mut read = Vec::with_capacity(levels.len());
    for (index, level) in levels.iter().enumerate() {
        let before = mistakes.count();
        let scopes = resolver.scopes(index, mistakes);
        let place = level.place();
        let level = level.get();
        if scopes.is_empty() && !level.everything && mistakes.count() == before {
            let message = format!(
                "level {:?} grants nothing; give it scopes, or `everything = true`",
                level.id.get()
            );
            mistakes.add(place, message);
        }
        read.push(Level {
            id: level.id.get().clone(),
            title: level.title.get().clone(),
            help: optional(level.help.as_ref()),
            scopes,
            everything: level.everything,
            rate: rate(level, mistakes),
        });
    }
    read
}

fn rate(level: &NamedLevel, mistakes: &mut Mistakes<'_>) -> Option<Rate> {
    let rate = level.rate.as_ref()?;
    Rate::new(rate.get().limit, rate.get().window)
        .map_err(|error| mistakes.add(rate.place(), error.message()))
        .ok()
}

struct Resolver<'a> {
    document: &'a Document,
    /// What is known so far.
    resolved: Vec<Option<ScopeSet>>,
    /// The levels that are being resolved, each included by the one before.
    open: Vec<usize>,
}

impl Resolver<'_> {
    fn scopes(&mut self, index: usize, mistakes: &mut Mistakes<'_>) -> ScopeSet {
        if let Some(known) = self.resolved[index] {
            return known;
        }
        let levels = self.document.levels.get();
        let level = levels[index].get();
        self.open.push(index);
        let mut scopes = scopes_of(self.document, &level.scopes, mistakes);
        for included in &level.includes {
            let found = levels
                .iter()
                .position(|level| level.get().id.get() == included.get());
            let problem = match found {
                None => {
                    let known: Vec<_> =
                        levels.iter().map(|level| &**level.get().id.get()).collect();
                    format!(
                        "level {:?} is not declared; there are: {}",
                        included.get(),
                        known.join(", ")
                    )
                }
                Some(found) if self.open.contains(&found) => format!(
                    "levels include each other in a circle, {}; take one of these includes out",
                    self.circle(found)
                ),
                Some(found) if levels[found].get().everything => format!(
                    "level {:?} opens everything, which is more than its scopes; write `everything = true` here too, or \
                     list scopes",
                    included.get()
                ),
                Some(found) => {
                    scopes = scopes.union(self.scopes(found, mistakes));
                    continue;
                }
            };
            mistakes.add(included.place(), problem);
        }
        self.open.pop();
        self.resolved[index] = Some(scopes);
        scopes
    }

    /// `a > b > a`.
    fn circle(&self, from: usize) -> String {
        let start = self.open.iter().position(|&level| level == from);
        let members = self.open[start.unwrap_or(0)..].iter().chain([&from]);
        members
            .map(|&level| &**self.document.levels.get()[level].get().id.get())
            .collect::<Vec<_>>()
            .join(" > ")
    }
}
