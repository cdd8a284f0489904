//! Operators and portal links.

use std::collections::BTreeSet;

use serde_json::json;

use super::State;
use super::audit::Entry;
use crate::key::Digest;
use crate::store::{Act, NewOperator, Operator, OperatorKind, StoreError, details};

impl State {
    pub(super) fn insert_operator(
        &mut self,
        new: NewOperator,
        act: &Act,
    ) -> Result<Option<Operator>, StoreError> {
        let (keyspace, account) = details::reach_names(&new.reach);
        if keyspace.is_some_and(|keyspace| self.space(keyspace, account).is_none()) {
            return Ok(None);
        }
        let space = keyspace.and_then(|keyspace| self.spaces.get(keyspace));
        if let (Some(space), Some(rules)) = (space, act.premise.rules)
            && space.keyspace.revision != rules
        {
            return Err(StoreError::outdated());
        }
        if self.operators.contains_key(&new.id) || self.is_presented(&new.digest) {
            return Err(StoreError::exists());
        }
        let operator = Operator {
            id: new.id,
            kind: new.kind,
            name: new.name,
            hint: new.hint,
            revision: 1,
            reach: new.reach,
            rights: new.rights,
            levels: new.levels,
            expires_at: new.expires_at,
            created_at: act.at,
            created_by: act.actor.clone(),
        };
        self.operators
            .insert(operator.id.clone(), (operator.clone(), new.digest));
        let told = details::created(details::operator(&operator));
        self.note_operator(&operator, act, operator.kind.created(), told);
        Ok(Some(operator))
    }

    pub(super) fn rotate_operator(
        &mut self,
        id: &str,
        digest: Digest,
        hint: String,
        act: &Act,
    ) -> Result<Option<Operator>, StoreError> {
        let Some((operator, _)) = self.operators.get(id) else {
            return Ok(None);
        };
        let revision = operator.revision + 1;
        self.give_operator_key(id, digest, hint, revision, act)
    }

    pub(super) fn restore_operator_key(
        &mut self,
        id: &str,
        digest: Digest,
        hint: String,
        revision: u64,
        act: &Act,
    ) -> Result<Option<bool>, StoreError> {
        match self.operators.get(id) {
            Some((operator, _)) if operator.revision >= revision => Ok(Some(false)),
            _ => {
                let given = self.give_operator_key(id, digest, hint, revision, act)?;
                Ok(given.map(|_| true))
            }
        }
    }

    fn give_operator_key(
        &mut self,
        id: &str,
        digest: Digest,
        hint: String,
        revision: u64,
        act: &Act,
    ) -> Result<Option<Operator>, StoreError> {
        let is_own = self
            .operators
            .get(id)
            .is_some_and(|(_, own)| own.bytes() == digest.bytes());
        let is_taken = !is_own && self.is_presented(&digest);
        let Some((operator, known)) = self.operators.get_mut(id) else {
            return Ok(None);
        };
        if is_taken {
            return Err(StoreError::exists());
        }
        *known = digest;
        operator.revision = revision;
        let before = std::mem::replace(&mut operator.hint, hint);
        let operator = operator.clone();
        let told = json!({ "before": { "hint": before }, "after": { "hint": operator.hint } });
        self.note_operator(&operator, act, operator.kind.rotated(), told);
        Ok(Some(operator))
    }

    pub(super) fn keep_to_levels(&mut self, keyspace: &str, levels: &BTreeSet<String>, act: &Act) {
        let mut narrowed = Vec::new();
        for (operator, _) in self.operators.values_mut() {
            let is_here = details::reach_names(&operator.reach).0 == Some(keyspace);
            let Some(before) = operator.levels.clone().filter(|_| is_here) else {
                continue;
            };
            let after: BTreeSet<_> = before.intersection(levels).cloned().collect();
            if after != before {
                let told = details::narrowed(&before, &after);
                operator.levels = Some(after);
                operator.revision += 1;
                narrowed.push((operator.clone(), told));
            }
        }
        narrowed.sort_by(|(one, _), (other, _)| {
            let place = |it: &Operator| {
                let account = details::reach_names(&it.reach).1.map(str::to_owned);
                (account, it.kind == OperatorKind::PortalLink, it.id.clone())
            };
            place(one).cmp(&place(other))
        });
        for (operator, told) in narrowed {
            self.note_operator(&operator, act, operator.kind.narrowed(), told);
        }
    }

    pub(super) fn delete_operator(&mut self, id: &str, act: &Act) -> Result<bool, StoreError> {
        let Some((operator, _)) = self.operators.get(id) else {
            return Ok(false);
        };
        let operator = operator.clone();
        let may_all = |(other, _): &(Operator, Digest)| other.may_do_everything();
        if operator.may_do_everything()
            && self
                .operators
                .values()
                .filter(|other| may_all(other))
                .count()
                == 1
        {
            return Err(StoreError::last_operator());
        }
        self.operators.remove(id);
        let told = details::deleted(details::operator(&operator));
        self.note_operator(&operator, act, operator.kind.deleted(), told);
        Ok(true)
    }

    fn is_presented(&self, digest: &Digest) -> bool {
        self.operators
            .values()
            .any(|(_, known)| known.bytes() == digest.bytes())
    }

    fn note_operator(
        &mut self,
        operator: &Operator,
        act: &Act,
        action: &'static str,
        details: serde_json::Value,
    ) {
        let (keyspace, account) = details::reach_names(&operator.reach);
        let entry = Entry {
            action,
            account,
            target: &operator.id,
            details,
        };
        self.note(keyspace, None, act, entry);
    }
}
