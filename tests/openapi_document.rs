//! `docs/openapi.json`, which the TypeScript client is generated from, is what the server serves.

use std::path::Path;

#[test]
fn the_document_on_file_is_the_servers() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/openapi.json");
    let served = keyward::http::openapi() + "\n";
    if std::env::var_os("KEYWARD_BLESS").is_some() {
        std::fs::write(&path, &served).expect("the file can be written");
    }
    // As values: in which order members are written depends on who else is built.
    let read = |text: &str| serde_json::from_str::<serde_json::Value>(text).expect("JSON");
    let filed = std::fs::read_to_string(&path).unwrap_or_else(|_| "null".to_owned());
    assert!(
        read(&filed) == read(&served),
        "docs/openapi.json is another document; run: KEYWARD_BLESS=1 cargo test --test openapi_document, then \
         node pkg/scripts/admin.mjs"
    );
}
