//! The master key. Never from the data directory: a thief of that would have the sealed keys and what opens them.

use std::path::Path;

use super::Config;
use super::secret::{self, SecretSource};
use crate::cli::Failure;
use crate::service::{MasterKey, MasterKeys};

/// The master keys that the settings name; afterwards these do not know them any more.
pub(in crate::cli) fn master_keys(config: &mut Config) -> Result<MasterKeys, Failure> {
    let current = match config.master_key.take() {
        None => None,
        Some(SecretSource::File(path)) => Some(of_file(&path, &config.data)?),
        Some(SecretSource::Command(command)) => Some(read(
            "the output of master_key_command",
            &secret::of_command("master_key_command", &command)?,
        )?),
        Some(SecretSource::Text(text)) => Some(read("KEYWARD_MASTER_KEY", &text)?),
    };
    let previous = config.previous_master_key_files.iter();
    let previous = previous
        .map(|path| of_file(path, &config.data))
        .collect::<Result<_, _>>()?;
    Ok(MasterKeys::new(current, previous))
}

fn read(whose: &str, text: &str) -> Result<MasterKey, Failure> {
    MasterKey::parse(text.trim_ascii())
        .map_err(|error| Failure::failed(format!("{whose}: {error}")))
}

fn of_file(path: &Path, data: &Path) -> Result<MasterKey, Failure> {
    let name = path.display();
    if secret::is_inside(path, data) {
        let message = format!(
            "the master key {name} lies in the data directory, where whoever takes the sealed keys takes it as well; keep it elsewhere"
        );
        return Err(Failure::failed(message));
    }
    let text = secret::of_file("the master key", path)?;
    read(&format!("the master key {name}"), &text)
}
