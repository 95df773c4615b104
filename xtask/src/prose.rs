//! What of a file is said to people: comments of sources, the text of a Markdown page without its code.

use crate::tree::File;

/// Lines with something said, from 1, each without what is code.
pub fn lines(file: &File) -> Vec<(usize, String)> {
    match file.ending() {
        "md" => page(&file.text),
        "rs" => comments(&file.text, &RUST),
        "ts" | "mjs" => comments(&file.text, &SCRIPT),
        "svelte" => comments(&file.text, &COMPONENT),
        "sql" => comments(&file.text, &SQL),
        "toml" => settings(&file.text),
        "sh" => comments(&file.text, &SHELL),
        _ => Vec::new(),
    }
}

/// How a language marks its comments and strings.
struct Marks {
    line: &'static str,
    blocks: &'static [(&'static str, &'static str)],
    quotes: &'static [char],
    /// Whether a block may hold blocks, `'a` may be no string, and strings may run over lines and be raw.
    rust: bool,
    /// Whether `/…/` may be a regular expression.
    patterns: bool,
}

const RUST: Marks =
    Marks { line: "//", blocks: &[("/*", "*/")], quotes: &['"'], rust: true, patterns: false };
const SCRIPT: Marks =
    Marks { line: "//", blocks: &[("/*", "*/")], quotes: &['"', '\'', '`'], rust: false, patterns: true };
/// Text between tags holds apostrophes, so only what scripts quote is told from comments.
const COMPONENT: Marks = Marks {
    line: "//",
    blocks: &[("/*", "*/"), ("<!--", "-->")],
    quotes: &['"', '`'],
    rust: false,
    patterns: true,
};
const SQL: Marks =
    Marks { line: "--", blocks: &[("/*", "*/")], quotes: &['\''], rust: false, patterns: false };
const SHELL: Marks = Marks { line: "#", blocks: &[], quotes: &['"', '\''], rust: false, patterns: false };
const SETTINGS: Marks = Marks { line: "#", blocks: &[], quotes: &['"', '\''], rust: false, patterns: false };

/// Comments, and the reasons that lints are given.
fn settings(text: &str) -> Vec<(usize, String)> {
    let mut found = comments(text, &SETTINGS);
    for (index, line) in text.lines().enumerate() {
        if let Some((_, reason)) = line.split_once("reason = \"") {
            found.push((index + 1, reason.to_owned()));
        }
    }
    found
}

/// Comments, line by line. Strings are passed over; one that is not closed ends with its line, except in Rust and for a
/// template.
fn comments(text: &str, marks: &Marks) -> Vec<(usize, String)> {
    let mut found: Vec<(usize, String)> = Vec::new();
    let mut line = 1;
    let mut rest = text;
    let mut before = '\n';
    while let Some(first) = rest.chars().next() {
        let (length, is_comment) = token(rest, first, before, marks);
        let (token, after) = rest.split_at(length);
        before = token.trim_end().chars().next_back().unwrap_or(before);
        if is_comment {
            found.extend(token.lines().enumerate().map(|(index, said)| (line + index, said.to_owned())));
        }
        line += token.matches('\n').count();
        rest = after;
    }
    found
}

/// The length of what begins the text, and whether it is a comment; `before` is the last sign before it.
fn token(rest: &str, first: char, before: char, marks: &Marks) -> (usize, bool) {
    let to_end_of_line = rest.find('\n').unwrap_or(rest.len());
    if rest.starts_with(marks.line) {
        return (to_end_of_line, true);
    }
    for (open, close) in marks.blocks {
        if rest.starts_with(open) {
            return (block(rest, open, close, marks.rust), true);
        }
    }
    if marks.rust {
        let hashes = rest[1..].bytes().take_while(|byte| *byte == b'#').count();
        if first == 'r' && rest[1 + hashes..].starts_with('"') {
            let close = format!("\"{}", "#".repeat(hashes));
            let open = hashes + 2;
            return (rest[open..].find(&close).map_or(rest.len(), |at| open + at + close.len()), false);
        }
        if first == '\'' {
            return (character(rest), false);
        }
        if first.is_alphanumeric() || first == '_' {
            let word = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
            // `br"…"` and the like: the `r` opens a raw string.
            let opens_raw = rest[..word].ends_with('r') && rest[word..].starts_with(['"', '#']) && word > 1;
            return (if opens_raw { word - 1 } else { word }, false);
        }
    }
    if marks.patterns && first == '/' && "=(,:[!&|?;".contains(before) {
        return (pattern(&rest[..to_end_of_line]), false);
    }
    if marks.quotes.contains(&first) {
        let over_lines = marks.rust || first == '`';
        let limit = if over_lines { rest.len() } else { to_end_of_line };
        return (string(&rest[..limit], first), false);
    }
    (first.len_utf8(), false)
}

fn block(rest: &str, open: &str, close: &str, nests: bool) -> usize {
    let mut depth = 0_u32;
    let mut at = 0;
    while at < rest.len() {
        if (nests || at == 0) && rest[at..].starts_with(open) {
            depth += 1;
            at += open.len();
        } else if rest[at..].starts_with(close) {
            depth -= 1;
            at += close.len();
            if depth == 0 {
                return at;
            }
        } else {
            at += rest[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    rest.len()
}

/// A character, or the tick of a lifetime.
fn character(rest: &str) -> usize {
    let mut chars = rest.char_indices().skip(1);
    match (chars.next(), chars.next()) {
        (Some((_, '\\')), Some((at, escaped))) => {
            let from = at + escaped.len_utf8();
            rest[from..].find('\'').map_or(rest.len(), |end| from + end + 1)
        }
        (Some(_), Some((at, '\''))) => at + 1,
        _ => 1,
    }
}

fn string(rest: &str, quote: char) -> usize {
    let mut is_escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            c if c == quote => return at + c.len_utf8(),
            _ => {}
        }
    }
    rest.len()
}

/// A regular expression between slashes, which may hold quotes of any kind.
fn pattern(rest: &str) -> usize {
    let (mut is_escaped, mut is_class) = (false, false);
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '[' => is_class = true,
            ']' => is_class = false,
            '/' if !is_class => return at + 1,
            _ => {}
        }
    }
    // A slash that divides.
    1
}

/// A page without its blocks of code and without code in its lines.
pub fn page(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut fence: Option<&str> = None;
    for (index, line) in text.lines().enumerate() {
        let opening = line.trim_start();
        let mark = ["```", "~~~"].into_iter().find(|mark| opening.starts_with(mark));
        match (fence, mark) {
            (None, Some(mark)) => fence = Some(mark),
            (Some(open), Some(mark)) if open == mark => fence = None,
            (None, None) => found.push((index + 1, without_code(line))),
            _ => {}
        }
    }
    found
}

/// A line without what stands between equal runs of backticks.
fn without_code(line: &str) -> String {
    let mut kept = String::new();
    let mut rest = line;
    while let Some(at) = rest.find('`') {
        let ticks = rest[at..].bytes().take_while(|byte| *byte == b'`').count();
        let run = &rest[at..at + ticks];
        kept.push_str(&rest[..at]);
        let after = &rest[at + ticks..];
        if let Some(end) = after.find(run) {
            rest = &after[end + ticks..];
        } else {
            kept.push_str(run);
            rest = after;
        }
    }
    kept.push_str(rest);
    kept
}

#[cfg(test)]
mod tests {
    use super::lines;
    use crate::tree::Tree;

    fn said(path: &str, text: &str) -> Vec<(usize, String)> {
        let tree = Tree::of(&[(path, text)]);
        lines(&tree.files[0]).into_iter().map(|(line, text)| (line, text.trim().to_owned())).collect()
    }

    fn is(found: &[(usize, String)], expected: &[(usize, &str)]) {
        let found: Vec<(usize, &str)> = found.iter().map(|(line, text)| (*line, text.as_str())).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn strings_of_rust_are_no_comments() {
        let text = "//! one\nlet a = \"// no \\\" // no\"; // two\nlet b = r#\"// no \" // no\"#; /* three\n/* four */ */ let c: &'a str = f('\"', '\\'', b'x'); // five\nlet br = br\"// no\"; // six";
        let expected = [
            (1, "//! one"),
            (2, "// two"),
            (3, "/* three"),
            (4, "/* four */ */"),
            (4, "// five"),
            (5, "// six"),
        ];
        is(&said("a.rs", text), &expected);
    }

    #[test]
    fn strings_of_scripts_are_no_comments() {
        let text = "/** one */\nconst a = 'https://no'; // two\nconst b = `// no\n// no`; // three";
        is(&said("a.ts", text), &[(1, "/** one */"), (2, "// two"), (4, "// three")]);
        let text = "const a = /[/`\"]\\/'/; // one\nconst b = c / d; // two";
        is(&said("a.ts", text), &[(1, "// one"), (2, "// two")]);
    }

    #[test]
    fn other_languages() {
        is(
            &said("a.svelte", "<!-- one -->\n<p>it's</p> <script>// two</script>"),
            &[(1, "<!-- one -->"), (2, "// two</script>")],
        );
        is(&said("a.sql", "-- one\nselect '-- no'; -- two"), &[(1, "-- one"), (2, "-- two")]);
        is(&said("a.sh", "# one\necho '# no' # two"), &[(1, "# one"), (2, "# two")]);
        let toml = "# one\n{ path = \"a # no\", reason = \"two\" }";
        is(&said("a.toml", toml), &[(1, "# one"), (2, "two\" }")]);
    }

    #[test]
    fn code_of_a_page_is_left_out() {
        let text = "one `no` two\n```sh\nno\n```\nthree ``no ` no`` four";
        is(&said("a.md", text), &[(1, "one  two"), (5, "three  four")]);
    }
}
