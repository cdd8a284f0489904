//! What strace tells of a server: what it wrote, synced and answered, in order.

use std::collections::HashMap;

/// Something that a server did. A write counts from its end and a sync covers what was written at its beginning.
pub(crate) enum Call {
    Write {
        file: String,
        /// `None`: behind what is there.
        at: Option<usize>,
        bytes: Vec<u8>,
    },
    Cut {
        file: String,
        length: usize,
    },
    SyncBegins {
        thread: u32,
        file: String,
    },
    SyncEnds {
        thread: u32,
        file: String,
    },
    /// What goes to a caller, from when it begins to go.
    Answer {
        bytes: Vec<u8>,
    },
}

/// Reads the output of `strace -f -y -xx`.
pub(crate) fn calls(trace: &str) -> Vec<Call> {
    let mut calls = Vec::new();
    let mut begun: HashMap<u32, String> = HashMap::new();
    for line in trace.lines() {
        let Some((thread, said)) = line.split_once(' ') else {
            continue;
        };
        let (thread, said) = (thread.parse().expect("a thread"), said.trim_start());
        if let Some(beginning) = said.strip_suffix("<unfinished ...>") {
            begins(thread, beginning, &mut calls);
            begun.insert(thread, beginning.to_owned());
        } else if said.starts_with("<... ") {
            let rest = said.split_once("resumed>").map_or("", |(_, rest)| rest);
            if let Some(beginning) = begun.remove(&thread) {
                ends(thread, &(beginning + rest), &mut calls);
            }
        } else if said.contains('(') {
            begins(thread, said, &mut calls);
            ends(thread, said, &mut calls);
        }
    }
    calls
}

/// The call's name, the last segment of the path that it is about, and all that stands behind that.
fn parts(said: &str) -> Option<(&str, String, &str)> {
    let (name, rest) = said.split_once('(')?;
    let (_, rest) = rest.split_once('<')?;
    let (path, rest) = rest.split_once('>')?;
    let path = if path.starts_with("\\x") {
        String::from_utf8_lossy(&unescaped(path)).into_owned()
    } else {
        path.to_owned()
    };
    let file = path.rsplit('/').next().unwrap_or_default().to_owned();
    Some((name, file, rest))
}

fn begins(thread: u32, said: &str, calls: &mut Vec<Call>) {
    let Some((name, file, rest)) = parts(said) else {
        return;
    };
    match name {
        "fsync" | "fdatasync" => calls.push(Call::SyncBegins { thread, file }),
        "write" | "writev" | "sendto" | "sendmsg" => {
            let bytes = texts(rest);
            if bytes.starts_with(b"HTTP/1.1 20") {
                calls.push(Call::Answer { bytes });
            }
        }
        _ => {}
    }
}

fn ends(thread: u32, said: &str, calls: &mut Vec<Call>) {
    let Some((name, file, rest)) = parts(said) else {
        return;
    };
    let Some((arguments, result)) = rest.rsplit_once(" = ") else {
        return;
    };
    let arguments = arguments.trim_end().trim_end_matches(')');
    let result = result
        .split(' ')
        .next()
        .and_then(|it| it.parse::<usize>().ok());
    // What failed did nothing; `-1` is no number of bytes.
    let Some(result) = result else {
        return;
    };
    let last = || {
        let last = arguments.rsplit(", ").next().unwrap_or_default();
        last.trim().parse().expect("a place in the file")
    };
    match name {
        "pwrite64" | "write" if !file.starts_with("socket:") => {
            let mut bytes = texts(arguments);
            bytes.truncate(result);
            let at = (name == "pwrite64").then(last);
            calls.push(Call::Write { file, at, bytes });
        }
        "ftruncate" => calls.push(Call::Cut {
            file,
            length: last(),
        }),
        "fsync" | "fdatasync" => calls.push(Call::SyncEnds { thread, file }),
        "pwritev" => panic!("written in a way that this does not read: {said}"),
        _ => {}
    }
}

/// All that stands between quotation marks.
fn texts(arguments: &str) -> Vec<u8> {
    arguments
        .split('"')
        .skip(1)
        .step_by(2)
        .flat_map(unescaped)
        .collect()
}

/// The bytes of `\x01\x02`.
fn unescaped(text: &str) -> Vec<u8> {
    text.split("\\x")
        .skip(1)
        .filter_map(|digits| u8::from_str_radix(digits, 16).ok())
        .collect()
}
