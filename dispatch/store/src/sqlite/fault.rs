//! What `SQLite` says, in one line that names what is wrong and what to do.

/// Primary result codes of `SQLite` (<https://www.sqlite.org/rescode.html>) we know a remedy for.
const READONLY: i32 = 8;
const CORRUPT: i32 = 11;
const FULL: i32 = 13;

/// The error with its remedy, where we know one.
pub(super) fn named(error: &sqlx::Error) -> String {
    // The extended code holds the primary one in its lowest byte.
    let code =
        error.as_database_error().and_then(|said| said.code()?.parse::<i32>().ok()).map(|code| code & 0xff);
    let remedy = match code {
        Some(FULL) => {
            "the disk is full: make room on the data directory's disk; nothing acknowledged is lost"
        }
        Some(READONLY) => "the data directory may not be written: give it to the user this runs as",
        Some(CORRUPT) => "the file is damaged: keep it, and restore the last backup beside it",
        _ => return error.to_string(),
    };
    format!("{remedy} ({error})")
}
