//! The settings as flags of the command line.

use clap::{Arg, ArgAction, ArgMatches, Command, Error, FromArgMatches};
use zeroize::Zeroizing;

use super::settings::{SETTINGS, Setting, Shape, Shown};
use super::{Given, Origin};

/// What the command line says of the settings.
pub(in crate::cli) struct Flags(Vec<(&'static Setting, Vec<String>)>);

impl Flags {
    pub(super) fn given(self) -> Vec<Given> {
        let given = self.0.into_iter().map(|(setting, texts)| Given {
            setting,
            texts: texts.into_iter().map(Zeroizing::new).collect(),
            origin: Origin::Flag(setting.flag()),
        });
        given.collect()
    }
}

fn flags() -> impl Iterator<Item = &'static Setting> {
    SETTINGS
        .iter()
        .filter(|setting| setting.shown != Shown::Nothing)
}

impl clap::Args for Flags {
    fn augment_args(command: Command) -> Command {
        flags().fold(command, |command, setting| command.arg(flag(setting)))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for Flags {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        let given = flags().filter_map(|setting| {
            let texts = matches.get_many::<String>(setting.name)?;
            Some((setting, texts.cloned().collect()))
        });
        Ok(Self(given.collect()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

fn flag(setting: &'static Setting) -> Arg {
    let mut help = format!("{} [env: {}]", setting.help, setting.variable());
    if let Some(default) = setting.default {
        help.extend([" [default: ", default, "]"]);
    }
    let flag = Arg::new(setting.name)
        .long(setting.name.replace('_', "-"))
        .value_name(setting.value)
        .help(help);
    match setting.shape {
        Shape::Text | Shape::Number => flag,
        Shape::List => flag.action(ArgAction::Append),
        // `--open-metrics` alone switches it on.
        Shape::Switch => flag
            .num_args(0..=1)
            .require_equals(true)
            .default_missing_value("true"),
    }
}
