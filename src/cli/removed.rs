//! What is said of something that is gone.

use super::Failure;
use super::client::Answer;
use super::output::{self, print};
use super::record::print_answer;

/// Says that `id` is gone. As JSON: what the server answered, which may be nothing.
pub(super) fn tell(answer: &Answer, id: &str, json: bool) -> Result<(), Failure> {
    if !json {
        output::tell(&format!("{id} is deleted"));
        return Ok(());
    }
    if answer.text().trim().is_empty() {
        return print(&format!(
            "{}\n",
            serde_json::json!({ "id": id, "deleted": true })
        ));
    }
    print_answer(answer)
}
