//! The service's way of laying out JSON: CRLF and two spaces after every bracket, none elsewhere.
//!
//! After `{` or `[` comes a line break and the inner indent, before `}` or `]` one and the outer
//! indent; members follow each other without a break, `"key":value` without a space. This
//! reproduces recorded bodies byte for byte. What is written is up to `job`, `page` and `error`.

/// Writes one JSON text.
#[derive(Debug)]
pub(crate) struct Layout<'a> {
    out: &'a mut Vec<u8>,
    depth: usize,
    is_empty: bool,
}

const INDENT: &[u8] = b"\r\n                                ";

impl<'a> Layout<'a> {
    /// Starts at `depth` open brackets.
    pub(crate) fn new(out: &'a mut Vec<u8>, depth: usize) -> Self {
        Self { out, depth, is_empty: true }
    }

    /// How much was written.
    pub(crate) fn len(&self) -> usize {
        self.out.len()
    }

    /// An object, as the whole text or as an element.
    pub(crate) fn object(&mut self, fill: impl FnOnce(&mut Self)) {
        self.bracketed(b'{', b'}', fill);
    }

    /// The next element of an array, an object.
    pub(crate) fn element(&mut self, fill: impl FnOnce(&mut Self)) {
        self.separate();
        self.object(fill);
    }

    /// The next element of an array, whatever `fill` writes.
    pub(crate) fn element_of(&mut self, fill: impl FnOnce(&mut Self)) {
        self.separate();
        fill(self);
    }

    /// Text that is laid out already, as the next element.
    pub(crate) fn prepared_element(&mut self, parts: [&[u8]; 3]) {
        self.separate();
        for part in parts {
            self.out.extend_from_slice(part);
        }
    }

    /// A member that is an object.
    pub(crate) fn object_member(&mut self, key: &str, fill: impl FnOnce(&mut Self)) {
        self.key(key);
        self.object(fill);
    }

    /// A member that is an array.
    pub(crate) fn array_member(&mut self, key: &str, fill: impl FnOnce(&mut Self)) {
        self.key(key);
        self.bracketed(b'[', b']', fill);
    }

    /// A member that is a string.
    pub(crate) fn text(&mut self, key: &str, value: &str) {
        self.key(key);
        self.string(value);
    }

    /// A member that is a number, a boolean or null.
    pub(crate) fn plain(&mut self, key: &str, value: impl std::fmt::Display) {
        use std::io::Write;
        self.key(key);
        // Writing to a vector does not fail.
        let _ = write!(self.out, "{value}");
    }

    fn key(&mut self, key: &str) {
        self.separate();
        self.out.push(b'"');
        self.out.extend_from_slice(key.as_bytes());
        self.out.extend_from_slice(b"\":");
    }

    fn string(&mut self, value: &str) {
        let is_plain = value.bytes().all(|byte| byte >= b' ' && byte != b'"' && byte != b'\\');
        if is_plain {
            self.out.push(b'"');
            self.out.extend_from_slice(value.as_bytes());
            self.out.push(b'"');
        } else {
            // A string always has a JSON form, and writing to a vector does not fail.
            let _ = serde_json::to_writer(&mut *self.out, value);
        }
    }

    fn separate(&mut self) {
        if !self.is_empty {
            self.out.push(b',');
        }
        self.is_empty = false;
    }

    fn bracketed(&mut self, open: u8, close: u8, fill: impl FnOnce(&mut Self)) {
        self.out.push(open);
        self.depth += 1;
        self.line_break();
        self.is_empty = true;
        fill(self);
        self.depth -= 1;
        self.line_break();
        self.out.push(close);
        self.is_empty = false;
    }

    fn line_break(&mut self) {
        let end = (2 + 2 * self.depth).min(INDENT.len());
        self.out.extend_from_slice(&INDENT[..end]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_break_lines_and_members_do_not() {
        let mut out = Vec::new();
        Layout::new(&mut out, 0).object(|body| {
            body.plain("a", 1);
            body.object_member("b", |b| b.plain("c", 2));
        });
        assert_eq!(out, b"{\r\n  \"a\":1,\"b\":{\r\n    \"c\":2\r\n  }\r\n}");
    }

    #[test]
    fn empty_array_holds_an_indented_empty_line() {
        let mut out = Vec::new();
        Layout::new(&mut out, 0).object(|body| body.array_member("value", |_| {}));
        assert_eq!(out, b"{\r\n  \"value\":[\r\n    \r\n  ]\r\n}");
    }

    #[test]
    fn quotes_and_line_breaks_are_escaped_and_other_text_is_not() {
        let mut out = Vec::new();
        Layout::new(&mut out, 0).object(|body| body.text("v", "é \"x\"\n"));
        assert_eq!(out, "{\r\n  \"v\":\"é \\\"x\\\"\\n\"\r\n}".as_bytes());
    }
}
