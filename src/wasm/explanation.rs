//! Explanations as JavaScript reads them.

use wasm_bindgen::JsValue;

use super::json::Json;
use crate::verify::Explanation;

pub(super) fn explanation(found: &Explanation) -> JsValue {
    Json::to_js(|json| {
        json.key("verdict").text(found.verdict.as_str());
        if let Some(reason) = found.reason {
            json.key("reason").text(reason);
        }
        json.key("status").number(found.status.into());
        json.key("stale").flag(found.stale);
        json.key("steps").list(&found.steps, |json, step| {
            json.object(|json| {
                json.key("step").text(step.step.as_str());
                json.key("outcome").text(step.outcome.as_str());
                json.key("detail").text(&step.detail);
            });
        });
        if let Some(id) = &found.key_id {
            json.key("keyId").text(id);
        }
        if let Some(ordinal) = found.ordinal {
            json.key("ordinal").number(ordinal.into());
        }
        if let Some(level) = &found.level {
            json.key("level").text(level);
        }
        if let Some(route) = &found.route {
            json.key("route").object(|json| {
                json.key("method").text(&route.method);
                json.key("pattern").text(&route.pattern);
                if let Some(scope) = &route.scope {
                    json.key("scope").text(scope);
                }
            });
        }
    })
}
