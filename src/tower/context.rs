//! What a call is about, as read from a request: owned, so that nothing has to outlive the reading.

use std::borrow::Cow;

use crate::access::{ConstraintValue, Value};

/// The dimensions that a request speaks of, and its values in them.
#[derive(Debug, Default)]
pub struct ContextBuf {
    /// `None` is a list without a value.
    said: Vec<(Cow<'static, str>, Option<ConstraintValue>)>,
}

impl ContextBuf {
    /// The call uses this value of a dimension of the profile. Said again, it uses both, and a key has to allow both.
    pub fn value(
        &mut self,
        dimension: impl Into<Cow<'static, str>>,
        value: impl Into<ConstraintValue>,
    ) {
        self.said.push((dimension.into(), Some(value.into())));
    }

    /// The call uses all these values of a dimension. A list without a value is within no limit.
    pub fn list<V: Into<ConstraintValue>>(
        &mut self,
        dimension: impl Into<Cow<'static, str>>,
        values: impl IntoIterator<Item = V>,
    ) {
        let dimension = dimension.into();
        let before = self.said.len();
        for value in values {
            self.value(dimension.clone(), value);
        }
        if self.said.len() == before {
            self.said.push((dimension, None));
        }
    }

    /// The same, borrowed for a decision.
    pub(super) fn values(&self) -> Vec<(&str, Value<'_>)> {
        self.said
            .iter()
            .map(|(dimension, said)| (&**dimension, borrowed(said.as_ref())))
            .collect()
    }
}

fn borrowed(said: Option<&ConstraintValue>) -> Value<'_> {
    match said {
        Some(ConstraintValue::Integer(number)) => Value::Integer(*number),
        Some(ConstraintValue::Text(text)) => Value::Text(text),
        None => Value::Empty,
    }
}
