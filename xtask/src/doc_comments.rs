//! A public item's comment says something. `Which.` beside a field repeats that there is a field; a Chinese word alone
//! leaves out whoever does not read it. Said should be what the item is, its unit or its shape.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Attribute, Expr, ExprLit, Fields, ImplItem, Lit, Meta, Visibility};

use crate::product;
use crate::tree::Tree;

/// Faults, one sentence each.
pub fn faults(tree: &Tree) -> Vec<String> {
    let mut faults = Vec::new();
    for file in product::files(tree) {
        let Some(syntax) = file.syntax() else { continue };
        let mut walker = Walker(Vec::new());
        walker.visit_file(syntax);
        for (line, text) in walker.0 {
            faults.push(format!("{}:{line}: `/// {text}` says nothing: say what it is", file.path));
        }
    }
    faults
}

/// Whether a comment is one or two words with a full stop, or Chinese alone.
fn says_nothing(text: &str) -> bool {
    let text = text.trim();
    let is_chinese = |c: char| matches!(c, '\u{3400}'..='\u{9fff}');
    let is_mark = |c: char| {
        c.is_ascii_punctuation() || c.is_whitespace() || matches!(c, '、' | '。' | '，' | '（' | '）' | '：')
    };
    let is_chinese_alone = text.contains(is_chinese) && text.chars().all(|c| is_chinese(c) || is_mark(c));
    is_chinese_alone || (text.ends_with('.') && text.split_whitespace().count() <= 2)
}

/// Lines and texts of comments that say nothing.
struct Walker(Vec<(usize, String)>);

impl Walker {
    fn item(&mut self, attributes: &[Attribute]) {
        let mut lines = attributes.iter().filter_map(|attribute| Some((attribute, doc(attribute)?)));
        if let (Some((attribute, text)), None) = (lines.next(), lines.next())
            && says_nothing(&text)
        {
            self.0.push((attribute.span().start().line, text.trim().to_owned()));
        }
    }

    /// Fields; those of an enum's variants are as public as the enum.
    fn fields(&mut self, fields: &Fields, of_enum: bool) {
        for field in fields {
            if of_enum || is_public(&field.vis) {
                self.item(&field.attrs);
            }
        }
    }

    /// Comments among the tokens of a macro that writes items: `#[doc = "…"]`, alone before what it belongs to.
    fn tokens(&mut self, tokens: TokenStream) {
        let mut run: Vec<(usize, String)> = Vec::new();
        for token in tokens {
            let TokenTree::Group(group) = &token else {
                if !matches!(&token, TokenTree::Punct(punct) if punct.as_char() == '#') {
                    self.end(&mut run);
                }
                continue;
            };
            match doc_tokens(group) {
                Some(text) => run.push((group.span().start().line, text)),
                // Another attribute does not part two lines of one comment.
                None if group.delimiter() == Delimiter::Bracket && !run.is_empty() => {}
                None => {
                    self.end(&mut run);
                    self.tokens(group.stream());
                }
            }
        }
        self.end(&mut run);
    }

    fn end(&mut self, run: &mut Vec<(usize, String)>) {
        if let [(line, text)] = run.as_slice()
            && says_nothing(text)
        {
            self.0.push((*line, text.trim().to_owned()));
        }
        run.clear();
    }
}

fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

/// The text of a `///` line.
fn doc(attribute: &Attribute) -> Option<String> {
    match &attribute.meta {
        Meta::NameValue(pair) if pair.path.is_ident("doc") => match &pair.value {
            Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.value()),
            _ => None,
        },
        _ => None,
    }
}

/// The same as tokens.
fn doc_tokens(group: &proc_macro2::Group) -> Option<String> {
    let mut tokens = group.stream().into_iter();
    let (Some(TokenTree::Ident(name)), Some(_), Some(TokenTree::Literal(text))) =
        (tokens.next(), tokens.next(), tokens.next())
    else {
        return None;
    };
    let text: syn::LitStr = syn::parse_str(&text.to_string()).ok()?;
    (name == "doc").then(|| text.value())
}

impl<'ast> Visit<'ast> for Walker {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        let attributes = product::attributes(item);
        if product::is_test(attributes) {
            return;
        }
        let visibility = match item {
            syn::Item::Const(item) => &item.vis,
            syn::Item::Enum(item) => &item.vis,
            syn::Item::Fn(item) => &item.vis,
            syn::Item::Mod(item) => &item.vis,
            syn::Item::Static(item) => &item.vis,
            syn::Item::Struct(item) => &item.vis,
            syn::Item::Trait(item) => &item.vis,
            syn::Item::Type(item) => &item.vis,
            syn::Item::Union(item) => &item.vis,
            _ => &Visibility::Inherited,
        };
        if is_public(visibility) {
            self.item(attributes);
        }
        visit::visit_item(self, item);
    }

    fn visit_item_enum(&mut self, item: &'ast syn::ItemEnum) {
        for variant in item.variants.iter().filter(|_| is_public(&item.vis)) {
            self.item(&variant.attrs);
            self.fields(&variant.fields, true);
        }
    }

    fn visit_item_struct(&mut self, item: &'ast syn::ItemStruct) {
        self.fields(&item.fields, false);
    }

    fn visit_item_trait(&mut self, item: &'ast syn::ItemTrait) {
        for member in item.items.iter().filter(|_| is_public(&item.vis)) {
            match member {
                syn::TraitItem::Const(member) => self.item(&member.attrs),
                syn::TraitItem::Fn(member) => self.item(&member.attrs),
                syn::TraitItem::Type(member) => self.item(&member.attrs),
                _ => {}
            }
        }
        visit::visit_item_trait(self, item);
    }

    fn visit_impl_item(&mut self, item: &'ast ImplItem) {
        match item {
            ImplItem::Const(item) if is_public(&item.vis) => self.item(&item.attrs),
            ImplItem::Fn(item) if is_public(&item.vis) => self.item(&item.attrs),
            _ => {}
        }
        visit::visit_impl_item(self, item);
    }

    /// What a macro writes counts as public: it stands where others read it. A macro's own rules are no items.
    fn visit_item_macro(&mut self, item: &'ast syn::ItemMacro) {
        if item.ident.is_none() {
            self.tokens(item.mac.tokens.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{faults, says_nothing};
    use crate::tree::Tree;

    fn lines(text: &str) -> Vec<String> {
        assert!(syn::parse_file(text).is_ok(), "the example is Rust");
        let found = faults(&Tree::of(&[("dispatch/core/src/x.rs", text)]));
        found.iter().filter_map(|fault| fault.split(':').nth(1).map(str::to_owned)).collect()
    }

    #[test]
    fn one_or_two_words_or_chinese_alone_say_nothing() {
        for text in ["Which.", " Its id.", "Why.", "实战.", "主责单位", "到场（总响应）."] {
            assert!(says_nothing(text), "{text}");
        }
        for text in [
            "By what way.",
            "实战: what really happens.",
            "Its id: of the journal.",
            "m/s",
            "接手 claimed by",
        ] {
            assert!(!says_nothing(text), "{text}");
        }
    }

    #[test]
    fn every_public_place_is_looked_at() {
        let text = "/// A.\npub struct S {\n/// B.\npub a: u8,\n/// C.\nb: u8 }\n\
            /// D.\npub enum E {\n/// E.\nV {\n/// F.\nx: u8 } }\n\
            impl S {\n/// G.\npub fn g() {}\n/// H.\nfn h() {} }\n\
            /// I.\npub trait T {\n/// J.\nfn j(); }\n/// K.\nfn k() {}\n";
        assert_eq!(lines(text), ["1", "3", "7", "9", "11", "14", "18", "20"]);
    }

    #[test]
    fn more_than_a_line_or_no_public_item_passes() {
        assert_eq!(lines("/// Which.\n/// Of the two that are open.\npub struct S;"), Vec::<String>::new());
        assert_eq!(lines("/// Which.\nstruct S {\n/// Why.\na: u8 }"), Vec::<String>::new());
        assert_eq!(lines("#[cfg(test)] mod tests {\n/// Which.\npub struct S; }"), Vec::<String>::new());
    }

    #[test]
    fn what_macros_write_is_looked_at() {
        let text = "vocabulary! {\n/// The mode of an entity.\nMode {\n/// 实战.\nActual,\n#[x]\n/// 演练.\n#[y]\nDrill,\n\
            /// One.\n/// More of it here.\nTest } }";
        assert_eq!(lines(text), ["4", "7"]);
        assert_eq!(lines("macro_rules! m { () => {\n/// Which.\npub struct S; } }"), Vec::<String>::new());
    }
}
