//! Whether answers wait for the disk: the system calls of a node, as `strace` wrote them down, in order. Whatever leaves
//! for a client after the journal's log was written to has to come after a flush that began when all of it was written.

use std::collections::BTreeMap;

/// What one line of the trace means here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Call {
    /// A write into the journal's log.
    Log,
    /// A flush of the journal's log.
    Flush,
    /// An answer that acknowledges, to a client.
    Answer,
    /// A commit's message, to a console.
    Message,
}

/// What a trace comes to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Order {
    /// Writes into the journal's log.
    pub writes: u64,
    /// Flushes of it.
    pub flushes: u64,
    /// Acknowledgements that left.
    pub answers: u64,
    /// Commits that left to a console.
    pub messages: u64,
    /// What left before what it rests on was flushed, by its line.
    pub violations: Vec<String>,
}

/// Reads a trace, as `strace -f -y -e trace=%desc,%network` writes it.
#[derive(Debug, Default)]
pub struct Trace {
    order: Order,
    /// Calls that began and have not ended, by process.
    begun: BTreeMap<String, (String, u64)>,
    /// Lines read.
    line: u64,
    /// Where the last write into the log ended.
    written: u64,
    /// Where the last flush that ended had begun.
    flushed: u64,
}

impl Trace {
    /// Reads one line.
    pub fn read(&mut self, line: &str) {
        self.line += 1;
        let Some((process, call)) = line.trim_start().split_once(char::is_whitespace) else { return };
        let call = call.trim_start();
        if let Some(head) = call.strip_suffix("<unfinished ...>") {
            // What leaves may leave as soon as the call begins.
            self.leaves(kind(head), line);
            self.begun.insert(process.to_owned(), (head.to_owned(), self.line));
        } else if call.starts_with("<...") {
            if let Some((head, began)) = self.begun.remove(process) {
                self.ends(kind(&head), began);
            }
        } else {
            let kind = kind(call);
            self.leaves(kind, line);
            self.ends(kind, self.line);
        }
    }

    /// What was seen.
    pub fn order(self) -> Order {
        self.order
    }

    fn ends(&mut self, kind: Option<Call>, began: u64) {
        match kind {
            Some(Call::Log) => {
                self.order.writes += 1;
                self.written = self.line;
            }
            Some(Call::Flush) => {
                self.order.flushes += 1;
                self.flushed = self.flushed.max(began);
            }
            _ => {}
        }
    }

    fn leaves(&mut self, kind: Option<Call>, line: &str) {
        match kind {
            Some(Call::Answer) => self.order.answers += 1,
            Some(Call::Message) => self.order.messages += 1,
            _ => return,
        }
        if self.flushed < self.written {
            let shown = line.chars().take(160).collect::<String>();
            self.order.violations.push(format!("line {}: {shown}", self.line));
        }
    }
}

fn kind(call: &str) -> Option<Call> {
    let (name, rest) = call.split_once('(')?;
    let of_log = || rest.split_once('>').is_some_and(|(file, _)| file.ends_with("journal.sqlite-wal"));
    match name {
        "pwrite64" | "pwritev" | "write" if of_log() => Some(Call::Log),
        "fdatasync" | "fsync" if of_log() => Some(Call::Flush),
        "write" | "writev" | "sendto" | "sendmsg" if rest.contains("HTTP/1.1 201") => Some(Call::Answer),
        "write" | "writev" | "sendto" | "sendmsg" if rest.contains(r#"\"type\":\"commit\""#) => {
            Some(Call::Message)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(lines: &[&str]) -> Order {
        let mut trace = Trace::default();
        for line in lines {
            trace.read(line);
        }
        trace.order()
    }

    const WRITE: &str = r#"11 pwrite64(9</d/journal.sqlite-wal>, "x", 24, 0) = 24"#;
    const FLUSH: &str = "11 fdatasync(9</d/journal.sqlite-wal>) = 0";
    const ANSWER: &str =
        r#"12 writev(14<socket:[5]>, [{iov_base="HTTP/1.1 201 Created\r\n", iov_len=9}], 1) = 9"#;
    const MESSAGE: &str =
        r#"12 sendto(15<socket:[6]>, "\201~\0{\"type\":\"commit\",\"prev\":1", 30, 0, NULL, 0) = 30"#;

    #[test]
    fn what_follows_its_flush_is_in_order() {
        let seen = order(&[WRITE, WRITE, FLUSH, ANSWER, MESSAGE]);
        assert_eq!((seen.writes, seen.flushes, seen.answers, seen.messages), (2, 1, 1, 1));
        assert!(seen.violations.is_empty());
    }

    #[test]
    fn what_comes_before_it_is_found() {
        assert_eq!(order(&[WRITE, ANSWER, FLUSH]).violations.len(), 1, "before");
        assert_eq!(order(&[WRITE, MESSAGE]).violations.len(), 1, "without");
        assert_eq!(order(&[WRITE, FLUSH, WRITE, ANSWER]).violations.len(), 1, "a flush of less");
        let other = "11 fdatasync(8</d/tracks.sqlite-wal>) = 0";
        assert_eq!(order(&[WRITE, other, ANSWER]).violations.len(), 1, "a flush of something else");
    }

    #[test]
    fn a_flush_covers_what_was_written_when_it_began() {
        let begins = "11 fdatasync(9</d/journal.sqlite-wal> <unfinished ...>";
        let ends = "11 <... fdatasync resumed>) = 0";
        let late = r#"13 pwrite64(9</d/journal.sqlite-wal>, "y", 24, 24) = 24"#;
        assert!(order(&[WRITE, begins, ends, ANSWER]).violations.is_empty());
        assert_eq!(order(&[WRITE, begins, ANSWER, ends]).violations.len(), 1, "not ended");
        assert_eq!(order(&[WRITE, begins, late, ends, ANSWER]).violations.len(), 1, "written meanwhile");
    }
}
