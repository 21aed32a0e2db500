//! Generic credentials: `name operator value`, parsed, for values that have no form of their own.
//!
//! The anchor is a word of the name (`passw`, `secret`, `token` …). From there the name is read to both sides, then an operator
//! (`operator`), then the value, on the same line or on the one `below`. What cannot be a credential is dropped here; how much the rest
//! looks like one [`super::classify`] says, and where it stands (quoted or bare, in which kind of file) is judged in [`super::context`].

mod before;
mod below;
mod column;
mod literal;
mod members;
mod name;
mod operator;
mod prose;
mod value;

use std::ops::Range;

use super::checks::{Objection, Why};
use super::classify::{BEFORE, BEHIND, Candidate, Scores};
use super::context::FileKind;
use super::window::last_line;
use crate::rules::Gate;
use crate::rules::format::AssignmentKind;
use below::Below;
pub use below::Row;
use below::Rows;
pub(super) use below::is_named;
pub use members::is_holder;
use members::{Holds, Members};
pub use name::name_byte;
pub(super) use name::{ends_with_ignore_case, shape};
use name::{name, named, whole_word};
use operator::Opening;
pub(super) use operator::named_value;
use value::{ENTITIES, bare, is_listed, is_sentence, made, plausible, value};
pub use value::{is_bracket, is_uuid};

/// How a value was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Style {
    /// Between quotes.
    pub quoted: bool,
    /// The operator.
    pub operator: Operator,
    /// Whether it ends its line or list element; prose and code go on.
    pub alone: bool,
    /// How much it looks like a credential, for each kind of file.
    pub scores: Scores,
    /// Whether a rule for one service, and one of low confidence, finds it too: this is then a second opinion, which may only raise.
    pub seconds: bool,
}

impl Style {
    /// The same, for a value that counts as one of this kind of file wherever it stands.
    #[must_use]
    pub fn as_in(self, kind: FileKind) -> Self {
        Self { scores: self.scores.all_of(kind), ..self }
    }

    /// The same, as a second opinion beside a rule of low confidence.
    #[must_use]
    pub const fn seconding(self) -> Self {
        Self { seconds: true, ..self }
    }
}

/// What encloses a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Quote {
    /// Nothing.
    None,
    /// `"`.
    Double,
    /// `'`.
    Single,
    /// A backtick.
    Back,
    /// `&quot;` and its like: quotes within markup.
    Entity,
}

/// What stands between name and value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operator {
    /// `=`, `:=`, `=>`, `->` and their like.
    Assign,
    /// `:`.
    Colon,
    /// `==`, `!=`: a comparison.
    Compare,
    /// `(` or `,`: an argument.
    Argument,
    /// `>`: an element's text.
    Element,
    /// A space behind an option.
    Option,
    /// A space before a quote, as in SQL's `IDENTIFIED BY '…'`, or before what nobody chose.
    Space,
}

/// A name with its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The name.
    pub name: Range<usize>,
    /// The value, without quotes.
    pub value: Range<usize>,
    /// What encloses it.
    pub quote: Quote,
    /// The operator.
    pub operator: Operator,
    /// Whether it ends its line or list element.
    pub alone: bool,
    /// What stands for its name, and where that begins, if it is one of several values or stands before its name.
    pub part: Option<(Part, usize)>,
}

/// Where a value stands that does not follow its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// In a row of a column, not the first one.
    Row,
    /// In a list of values.
    Member,
    /// Behind its user, in a list of log-ins.
    LogIn,
    /// Before its name.
    Before,
}

impl Found {
    /// From the name's begin, or that of what stands for it, to the value's end.
    #[must_use]
    pub fn whole(&self) -> Range<usize> {
        self.part.map_or(self.name.start, |(_, start)| start)..self.value.end
    }

    /// How it was written.
    #[must_use]
    pub const fn style(&self, scores: Scores) -> Style {
        Style { quoted: !matches!(self.quote, Quote::None), operator: self.operator, alone: self.alone, scores, seconds: false }
    }

    /// What the classifier looks at: `bytes` is the text that this was read from, `anchor` the word that led here.
    #[must_use]
    pub fn candidate<'a>(&self, bytes: &'a [u8], anchor: &'a [u8]) -> Candidate<'a> {
        let before = last_line(&bytes[self.name.start.saturating_sub(BEFORE)..self.name.start]);
        let after = (self.value.end + self.quote.len(bytes, self.value.end)).min(bytes.len());
        let behind = &bytes[after..(after + BEHIND).min(bytes.len())];
        let behind = &behind[..memchr::memchr2(b'\n', b'\r', behind).unwrap_or(behind.len())];
        let name = &bytes[self.name.clone()];
        let (name, anchor, between) = match self.part {
            None => (name, anchor, &bytes[self.name.end..self.value.start]),
            Some((Part::Row, _)) => (name, anchor, &bytes[self.name.end..end_of_line(bytes, self.name.end, MAX_LINE)]),
            // One of the `tokens` is a `token`.
            Some((Part::Member, _)) => (name.strip_suffix(b"s").or_else(|| name.strip_suffix(b"S")).unwrap_or(name), anchor, &b" = "[..]),
            Some((Part::LogIn, _)) => (&b"password"[..], &b"passw"[..], &b" = "[..]),
            Some((Part::Before, _)) => (name, anchor, &b"="[..]),
        };
        Candidate {
            name,
            anchor,
            value: &bytes[self.value.clone()],
            before,
            between,
            behind,
            quote: self.quote,
            operator: self.operator,
            alone: self.alone,
        }
    }
}

impl Quote {
    /// The bytes of the closing quote at `at`.
    fn len(self, bytes: &[u8], at: usize) -> usize {
        match self {
            Self::None => 0,
            Self::Entity => ENTITIES.iter().find(|e| bytes[at..].starts_with(e)).map_or(0, |e| e.len()),
            _ => 1 + usize::from(bytes.get(at) == Some(&b'\\')),
        }
    }
}

/// Bytes a name may have.
const MAX_NAME: usize = 64;
/// Bytes a value may have: as many as the refresh tokens of the large identity providers.
const MAX_VALUE: usize = 2048;
/// Bytes behind a name within which its value ends, if it stands on the same line.
const MAX_LINE: usize = MAX_VALUE + 256;
/// How far from its anchor an assignment on one line is read, in bytes: the name to both sides, then operator and value.
pub const REACH: usize = 2 * MAX_NAME + MAX_LINE + BEFORE + BEHIND;

/// How far behind `anchor` its assignment is read where its values stand below its line. The line alone tells.
#[must_use]
pub fn reach_below(bytes: &[u8], anchor: &Range<usize>) -> Option<usize> {
    Below::of(bytes, &name(bytes, anchor)).map(|below| anchor.len() + 2 * MAX_NAME + below.reach() + BEHIND)
}

/// The values beside or behind the first one of a name.
#[derive(Clone, Debug)]
pub enum Others {
    /// In the column that it names.
    Rows(Rows),
    /// In the list that it names.
    Members(Members),
}

impl Others {
    /// The next one.
    pub fn next(&mut self, bytes: &[u8]) -> Option<(Part, Row)> {
        match self {
            Self::Rows(rows) => rows.next(bytes).map(|row| (Part::Row, row)),
            Self::Members(members) => {
                let part = if members.holds() == Holds::LogIns { Part::LogIn } else { Part::Member };
                members.next(bytes).map(|row| (part, row))
            }
        }
    }
}

/// The values beside the first one, where the name around `anchor` is that of a column or list.
#[must_use]
pub fn others(bytes: &[u8], anchor: &Range<usize>) -> Others {
    let name = name(bytes, anchor);
    // Nearly none is: what follows it parts names or ends their line, or it is the name of a list.
    let may_part = bytes.get(name.end).is_some_and(|b| b",;\t\r\n\"`) ]|*".contains(b));
    let may_open = members::may_open(bytes, &name);
    if !may_part && !may_open || whole_word(bytes, anchor, &name).is_err() {
        return Others::Rows(Rows::none());
    }
    let below = Below::of(bytes, &name);
    let rows = match below {
        Some(below) if !may_open => below.rows(bytes, &name),
        _ if may_open => Rows::none(),
        _ => column::inserted(bytes, &name, end_of_line(bytes, name.end, MAX_LINE))
            .map_or_else(Rows::none, |(line, column)| Rows::of_line(bytes, line, column)),
    };
    if named(bytes, anchor, &name).is_err() {
        return Others::Rows(Rows::none());
    }
    if may_open { Others::Members(Members::of(bytes, &name, below.map(|_| below::REACH))) } else { Others::Rows(rows) }
}

/// Reads the assignment of one of [`others`].
pub fn read_other(bytes: &[u8], anchor: &Range<usize>, kind: AssignmentKind, part: Part, row: Row) -> Result<Found, Objection> {
    let Row { line, value, quote } = row;
    let operand = Operand { value, quote, operator: Operator::Assign, line_end: None };
    let kind = if part == Part::LogIn { AssignmentKind::Password } else { kind };
    examine(bytes, anchor, kind, name(bytes, anchor), operand).map(|found| Found { part: Some((part, line.start)), ..found })
}

/// Reads the assignment around `anchor`.
pub fn read(bytes: &[u8], anchor: &Range<usize>, kind: AssignmentKind) -> Result<Found, Objection> {
    let name = name(bytes, anchor);
    whole_word(bytes, anchor, &name)?;
    let objects = |why| Objection { gate: Gate::Pattern, why: Why::Text(why) };
    let operand = match operand(bytes, &name) {
        Err(why @ Missing::Operator) => return Err(objects(why.words())),
        found => {
            named(bytes, anchor, &name)?;
            found.map_err(|why| objects(why.words()))?
        }
    };
    examine(bytes, anchor, kind, name, operand)
}

/// Objects to what is assigned to `name`, if it cannot be a credential.
fn examine(bytes: &[u8], anchor: &Range<usize>, kind: AssignmentKind, name: Range<usize>, operand: Operand) -> Result<Found, Objection> {
    let Operand { value, quote, operator, line_end } = operand;
    if let Some(line_end) = line_end {
        let behind = bytes[value.end..line_end].trim_ascii();
        if quote == Quote::None {
            let begins = last_line(&bytes[name.start.saturating_sub(BEFORE)..name.start]).iter().all(u8::is_ascii_whitespace);
            bare(&bytes[value.clone()], behind, operator, bytes[name.end] == b' ', begins)?;
        }
        if operator == Operator::Element && !behind.starts_with(b"<") && !behind.starts_with(b"]]>") {
            return Err(Objection { gate: Gate::Context, why: Why::Text("no element ends behind it") });
        }
        if operator == Operator::Argument && is_listed(&bytes[value.clone()], behind) {
            return Err(Objection { gate: Gate::Context, why: Why::Text("one name in a list of them") });
        }
    }
    let quoted = quote != Quote::None;
    let text = &bytes[value.clone()];
    if is_sentence(&bytes[name.clone()], text, quoted, kind) {
        return Err(Objection { gate: Gate::Context, why: Why::Text("a sentence") });
    }
    plausible(text, quoted, kind)?;
    if bytes[anchor.clone()].eq_ignore_ascii_case(b"key") {
        // `API key: …`, where the words before the name say what the key is for.
        let told = [&b"api "[..], b"access ", b"secret "].iter().any(|word| ends_with_ignore_case(&bytes[..name.start], word));
        made(text, anchor.len() == name.len() && !told)?;
        value::no_row(&bytes[name.start..anchor.start], text)?;
    }
    if kind == AssignmentKind::Password {
        value::no_digest(&bytes[name.clone()], text)?;
    }
    if operator == Operator::Argument {
        name::takes_value(&bytes[name.start..anchor.start], &bytes[anchor.clone()])?;
    }
    // The line alone: what is above it may change where nothing looks at this again.
    let address = last_line(&bytes[name.start.saturating_sub(BEFORE)..name.start]);
    if let Some(objection) = value::elsewhere(&bytes[name.start - address.len()..name.end], &bytes[name.clone()], text) {
        return Err(objection);
    }
    // The tokens in the addresses of status badges are made to be public.
    if operator == Operator::Assign
        && matches!(address.last(), Some(b'?' | b'&'))
        && [&b"badge"[..], b".svg?", b"/graph?", b"shields.io/"].iter().any(|part| memchr::memmem::find(address, part).is_some())
    {
        return Err(Objection { gate: Gate::Context, why: Why::Text("the public token of a status badge") });
    }
    let behind = bytes[value.end..end_of_line(bytes, value.end, BEHIND)].trim_ascii();
    let alone = quoted || behind.is_empty() || !behind[0].is_ascii_alphanumeric();
    let part = (value.start < name.start).then_some((Part::Before, value.start));
    Ok(Found { name, value, quote, operator, alone, part })
}

/// What is assigned to the name around `anchor`, whatever it is.
pub fn assigned(bytes: &[u8], anchor: &Range<usize>) -> Option<Range<usize>> {
    operand(bytes, &name(bytes, anchor)).ok().map(|operand| operand.value)
}

/// An operator and its value.
struct Operand {
    value: Range<usize>,
    quote: Quote,
    operator: Operator,
    /// Where the line ends; `None` where the value stands below it.
    line_end: Option<usize>,
}

/// What is missing behind a name.
#[derive(Clone, Copy)]
enum Missing {
    Operator,
    Value,
    Below,
}

impl Missing {
    fn words(self) -> &'static str {
        match self {
            Self::Operator => "no operator and value follow the name",
            Self::Value => "no value follows the operator",
            Self::Below => "the line ends behind the name, and no value stands below",
        }
    }
}

/// What stands behind `name`.
fn operand(bytes: &[u8], name: &Range<usize>) -> Result<Operand, Missing> {
    if let Some(below) = Below::of(bytes, name) {
        match below.read(bytes) {
            Some((value, quote, operator)) => return Ok(Operand { value, quote, operator, line_end: None }),
            None if below.may_be_beside() => {}
            None => return Err(Missing::Below),
        }
    }
    let line_end = end_of_line(bytes, name.end, MAX_LINE);
    if let Some((value, quote)) = column::inserted(bytes, name, line_end).and_then(|(line, column)| column::of_values(bytes, line, column))
    {
        return Ok(Operand { value, quote, operator: Operator::Assign, line_end: Some(line_end) });
    }
    if let Some(value) = column::beside(bytes, name, line_end) {
        return Ok(Operand { value, quote: Quote::None, operator: Operator::Assign, line_end: Some(line_end) });
    }
    if let Some((value, quote)) = before::value(bytes, name) {
        return Ok(Operand { value, quote, operator: Operator::Assign, line_end: None });
    }
    let opening = Opening::of(&bytes[..name.start], &bytes[name.clone()]);
    let (operator, skipped) = operator::read(&bytes[name.end..line_end], opening).ok_or(Missing::Operator)?;
    let (value, quote) = value(bytes, name.end + skipped, line_end).ok_or(Missing::Value)?;
    Ok(Operand { value, quote, operator, line_end: Some(line_end) })
}

/// Where the line ends that `at` stands on, or `most` bytes behind `at`.
fn end_of_line(bytes: &[u8], at: usize, most: usize) -> usize {
    let limit = (at + most).min(bytes.len());
    memchr::memchr2(b'\n', b'\r', &bytes[at..limit]).map_or(limit, |i| at + i)
}

#[cfg(test)]
mod tests {
    use super::read;
    use crate::rules::format::AssignmentKind;

    /// Stands as `§` in the samples, so that they do not look live.
    const PASSWORD: &str = concat!("Tr0ub4dor", "&3");

    fn check(line: &str) -> Option<String> {
        let line = line.replace('§', PASSWORD);
        let at = line.to_ascii_lowercase().find("passw")?;
        let found = read(line.as_bytes(), &(at..at + 5), AssignmentKind::Password).ok()?;
        Some(String::from_utf8_lossy(&line.as_bytes()[found.value]).into_owned())
    }

    #[test]
    fn the_ways_a_password_is_written() {
        for line in [
            "password = \"§\"",
            "password = '§ '",
            "password = \" § \"",
            "DB_PASSWORD=§",
            "password: §",
            "\"password\": \"§\",",
            "--password §",
            "--password=§",
            "let password: &str = \"§\";",
            "<password>§</password>",
            "setPassword(\"§\")",
            "config[\"password\"] = '§'",
            "Server=db;Password=§;User=x",
            "/login?password=§&user=x",
            "{\\\"password\\\": \\\"§\\\"}",
            "password => '§',",
            "password ||= '§'",
            "\"passwords\": [\"§\", \"other\"]",
            "password: { value: \"§\" }",
            "<add key=\"DbPassword\" value=\"§\" />",
            "{\"name\": \"DB_PASSWORD\", \"value\": \"§\"}",
            "ALTER USER app WITH PASSWORD '§';",
            "ENV MYSQL_PASSWORD §",
            "let password = String::from(\"§\");",
            "**Password**: ``§``",
            "password: &quot;§&quot;,",
            "@\"{\"\"login\"\":\"\"ann\"\",\"\"password\"\":\"\"§\"\"}\"",
            "<stringProp name=\"Argument.name\">password</stringProp><stringProp name=\"Argument.value\">§</stringProp>",
            "<con:name>password</con:name><con:value>§</con:value>",
            "<add value=\"§\" key=\"password\" />",
            "v_password VARCHAR2(30) := '§';",
            "DECLARE @password NVARCHAR(50) = '§';",
            "if ($password -eq \"§\") { ok }",
            "if ($password eq '§') {",
            "if (password.equals(\"§\"))",
            "the password `§` opens it",
            "password = (\"§\"",
            "password: SecretValue.unsafePlainText('§')",
            "Login string `env:\"PASSWORD\" envDefault:\"§\"`",
            "# the password is '§'",
            "password ::= '§'",
            "password ?= §",
            "$password .= '§';",
            "var dbPassword string = \"§\"",
            "char password[32] = \"§\";",
            "std::string dbPassword{\"§\"};",
            "let(:password) { '§' }",
            "func password() string { return \"§\" }",
            "db password - '§'",
            "**Password:** §",
            "- **Password:** `§`",
            "_Password:_ §",
            "<b>Password:</b> §",
            "<strong>Password</strong>: §",
            "password (staging): §",
            "DB password (read only) = §",
            "{\"ParameterKey\": \"DbPassword\", \"ParameterValue\": \"§\"}",
            "<password value=\"§\"/>",
            "let p = config.password || '§'",
            "url: ${DB_PASSWORD:-§}",
            "const pass = process.env.DB_PASSWORD ?? '§'",
            "<password type=\"plain\">§</password>",
            "<entry key=\"password\">§</entry>",
            "<key>password</key><string>§</string>",
            "System.setProperty(\"db.password\", \"§\");",
            "os.Setenv(\"DB_PASSWORD\", \"§\")",
            "\"app.ini\": \"DB_PASSWORD=§\\nHOST=db\"",
            r#"{"log": "{\\\"password\\\":\\\"§\\\"}"}"#,
            r#"array(1) { ["password"]=> string(12) "§" }"#,
            "{host=[db], password=[§]}",
            "password: !!str §",
            "<property name=\"password\"><value>§</value></property>",
            "setx DB_PASSWORD §",
            "static PASSWORD: &'static str = \"§\";",
            "Dim dbPassword As String = \"§\"",
            "$ENV{DB_PASSWORD} = '§';",
            "password: str = Field(default=\"§\")",
            "const password = <string>'§';",
            "<meta name=\"password\" content=\"§\">",
            "buildConfigField \"String\", \"PASSWORD\", \"\\\"§\\\"\"",
            "<meta-data android:name=\"com.x.PASSWORD\" android:value=\"§\" />",
            "#define kPassword @\"§\"",
            "INSERT INTO `users` (`id`,`password`) VALUES (7,'§');",
            "setenv DB_PASSWORD §",
            "| DB_PASSWORD | §  |",
            "| password | `§` |",
            "DB_PASSWORD → §",
            "password — §",
            "password：§",
            "password是§",
            "INFO using password §",
            "the password is §",
            "[Note] A temporary password is generated for root@localhost: §",
            "Password for user 'admin': §",
            "Your new password is: §",
            "Password saved: §",
            "https://h.io/p?password=§&x=1",
            "variable \"password\" { default = \"§\" }",
            "${DB_PASSWORD}    §",
            "x = os.getenv(\"DB_PASSWORD\") or \"§\"",
            "$x = getenv('DB_PASSWORD') ?: '§';",
            "let x = env::var(\"DB_PASSWORD\").unwrap_or_else(|_| \"§\".into());",
            "x = Optional.ofNullable(System.getenv(\"DB_PASSWORD\")).orElse(\"§\");",
            "my $x = $ENV{DB_PASSWORD} || '§';",
            "x = ENV['DB_PASSWORD'].presence || '§'",
            "public string Password { get; set; } = \"§\";",
            "public string Password { get { return \"§\"; } }",
            "<password><![CDATA[§]]></password>",
            "password = \"\"\"§\"\"\"",
            "const QString password = QStringLiteral(\"§\");",
            "- {name: ADMIN_PASSWORD, value: \"§\"}",
            "parser.add_argument('--password', type=str, default='§')",
            "password: &shared \"§\"",
            "password: &shared_1 §",
            "password = $\"§\";",
            "password = $@\"§\";",
            "const PASSWORD: &str = r#\"§\"#;",
            "std::string password = R\"(§)\";",
            "UPDATE t SET password = E'§';",
            "local password = [[§]]",
            "password = %q(§)",
            "my $password = q{§};",
            "**Password:** §",
            "Password: **§**",
            "\"db_password\": {\"sensitive\": true, \"type\": \"string\", \"value\": \"§\"}",
            "[{\"ParameterKey\":\"DBPassword\",\"ParameterValue\":\"§\"}]",
            "<setting name=\"Password\" serializeAs=\"String\"><value>§</value></setting>",
        ] {
            assert_eq!(check(line).as_deref(), Some(PASSWORD), "{line}");
        }
    }

    #[test]
    fn values_on_the_line_below() {
        for text in [
            "<password>\n    §\n</password>",
            "<string name=\"password\">\r\n  §\r\n</string>",
            "<AdministratorPassword>\n  <Value>§</Value>\n",
            "<key>password</key>\n  <string>§</string>",
            "- name: DB_PASSWORD\n  value: \"§\"",
            "{\"name\": \"DB_PASSWORD\",\n \"value\": \"§\"}",
            "password: |\n  §\nnext: 1",
            "static final String PASSWORD =\n    \"§\";",
            "const pass = process.env.PASSWORD ||\n  '§'",
            "[\"password\"]=>\n  string(12) \"§\"",
            "\"password\":\n    \"§\"",
            "setProperty(\"password\",\n    \"§\")",
            "setPassword(\n    \"§\")",
            "INSERT INTO users (name, password, mail) VALUES\n  ('ann, or so', '§', 'a@b.c'),",
            "variable \"db_password\" {\n  type        = string\n  description = \"for the default user\"\n  default     = \"§\"\n}",
            "url,username,password,note\nhttps://a.b/c,ann,§,x",
            "\"name\";\"password\"\r\n\"a;b\";\"§\"\r\n",
            "name,mail,password\nann,a@b.c,§\nbob,b@b.c,x",
            "<param-name>dbPassword</param-name>\n  <param-value>§</param-value>",
            "\"db_password\": {\n  \"value\": \"§\",\n  \"type\": \"string\"",
            "\"adminPassword\": {\r\n    \"type\": \"securestring\",\r\n    \"defaultValue\": \"§\"\r\n}",
            "\"adminPassword\": { \"value\": \"§\" }",
            "static final String DB_PASSWORD\n    = \"§\";",
            "static const std::string password{\n    \"§\"};",
            "password:\n  \"§\"",
            "passwords:\n  - \"§\"\n  - \"x\"",
            "{\"passwords\": [\n  \"§\"\n]}",
            "password: [\n  '§',\n]",
            "args:\n  - --db-password\n  - §\n",
            "DB_PASSWORD:\n  description: \"of the shop\"\n  value: \"§\"\n",
            "\"db_password\": {\n    \"sensitive\": true,\n    \"type\": \"string\",\n    \"value\": \"§\"\n}",
            "<input name=\"password\" value=\"§\">\n",
            "<setting name=\"Password\" serializeAs=\"String\">\n  <value>§</value>\n</setting>",
            "\"ParameterKey\": \"DBPassword\",\n \"ParameterValue\": \"§\"",
            "| user | password | note |\n|---|:--|---|\n| ann | §    | x |\n",
            "| user | password |\n|---|---|\n| ann | `§` |\n",
        ] {
            assert_eq!(check(text).as_deref(), Some(PASSWORD), "{text}");
        }
        for text in [
            "password =\n§",
            "password:\n  §",
            "password:\n  \"§\": x",
            "password:\n  default: \"§\"",
            "args:\n  - --db-password\n  - --host=§\n",
            "| user | password |\n| ann | § |\n",
            "<input name=\"password\" type=\"hidden\" value=\"x\">\n  §\n</form>",
            "the password\n'§'",
            "the password\n= §",
            "INSERT INTO users (name, password) VALUES\n  ('ann', '§",
            "INSERT INTO users (name, password) VALUES\n  (:name, :§),",
            "const char *password {\n  return \"§\"",
            "variable \"password\" {\n  type = string\n}\nvariable \"x\" {\n  default = \"§\"",
            "variable \"password\" {\n  description = \"§\"",
            "password: |\n  §\n  and more",
            "<password>\n  §\n  next",
            "password =\n\n\"§\"",
            "- name: DB_PASSWORD\n  valueFrom: \"§\"",
            "\"adminPassword\": {\n    \"reference\": \"§\"",
            "\"adminPassword\": {\n    \"type\": \"string\",\n    \"metadata\": { \"description\": \"§\" }",
        ] {
            assert_eq!(check(text), None, "{text}");
        }
    }

    #[test]
    fn brackets_in_passwords() {
        let value = |text: &str| {
            let at = text.find("PASSW").unwrap();
            read(text.as_bytes(), &(at..at + 5), AssignmentKind::Password).ok().map(|found| text[found.value].to_owned())
        };
        for password in ["xac1N(21YG)7", "Ob2mo{RVCSf}7!", "gD1Rz[Ik99m]x", "HbZq0f8(Rw1x", "qK8)zGx93J+", "E9ys}a8[9Zw-sjE"] {
            assert_eq!(value(&format!("DB_PASSWORD={password}\n")).as_deref(), Some(password));
        }
        for code in [
            "DB_PASSWORD=compute(x1)",
            "PASSWORD = env[key1].name",
            "PASSWORD=f(a)(b)1",
            "PASSWORD=f(g(x)1",
            "PASSWORD=getPassword1(user",
            "PASSWORD=this.form[Index1",
            "PASSWORD=Base64.encode(x9",
            "PASSWORD=sha256(userInput",
        ] {
            assert_eq!(value(code), None, "{code}");
        }
    }

    #[test]
    fn values_go_as_far_as_they_do() {
        let value = |text: &str| {
            let at = text.find("passw").unwrap();
            read(text.as_bytes(), &(at..at + 5), AssignmentKind::Password).ok().map(|found| text[found.value].to_owned())
        };
        for sign in ["'", "\"", "`", "<", "&amp;"] {
            let password = format!("a8Xk2{sign}Qm4vR");
            assert_eq!(value(&format!("passwd={password}\nx")).as_deref(), Some(&*password));
        }
        for (text, expected) in [
            ("passwd: '§''§'", "§''§"),
            ("\"passwd=§\"x", "§"),
            ("`passwd=§`s", "§"),
            ("<p>passwd=§<b>x</b>", "§"),
            ("passwd=''§!m''", "§!m"),
            ("('passwd', '§', '')", "§"),
            ("passwd = '''§'''", "§"),
        ] {
            let (text, expected) = (text.replace('§', "a8xK2Q"), expected.replace('§', "a8xK2Q"));
            assert_eq!(value(&text).as_deref(), Some(&*expected), "{text}");
        }
    }

    #[test]
    fn passphrases_are_made_of_words() {
        let read = |line: &str| {
            let line = line.replace('§', &["uXiq", "Jjtz", "iSmf", "wDkf"].join(" "));
            let at = line.find("pass").unwrap();
            let anchor = if line.starts_with("passphrase") { "passphrase" } else { "passw" };
            read(line.as_bytes(), &(at..at + anchor.len()), AssignmentKind::Password).is_ok()
        };
        assert!(read("passphrase = \"§\"") && !read("password = \"§\"") && !read("passphrase = \"§.\""));
    }

    #[test]
    fn remarks_behind_a_value() {
        let value = |text: &str| {
            let at = text.find("passw").unwrap();
            read(text.as_bytes(), &(at..at + 5), AssignmentKind::Password).ok().map(|found| text[found.value].to_owned())
        };
        assert_eq!(value("passwd: eR3q!Zm7Ysx (for a day)").as_deref(), Some("eR3q!Zm7Ysx"));
        assert_eq!(value("passwd = compute_all (x)"), None);
    }

    #[test]
    fn padding_at_the_end_of_a_line_is_no_operator() {
        for value in [concat!("c2VjcmV0MQ", "=="), concat!("c2VjcmV0MTI", "=")] {
            for (before, behind) in [("db_password: ", "\nnext: 1"), ("  passwd: ", ""), ("{ passwd: '", "' }"), ("{passwd: ", ", x: 1}")] {
                let text = format!("{before}{value}{behind}");
                let at = text.find("passw").unwrap();
                let found = read(text.as_bytes(), &(at..at + 5), AssignmentKind::Password).unwrap();
                assert_eq!(&text[found.value], value, "{text}");
            }
        }
    }

    /// The values behind the first one in the column `password`.
    fn column(text: &str) -> Vec<&str> {
        let at = text.find("passw").unwrap();
        let mut others = super::others(text.as_bytes(), &(at..at + 5));
        std::iter::from_fn(|| others.next(text.as_bytes())).map(|(_, row)| &text[row.value]).collect()
    }

    #[test]
    fn all_rows_of_a_column() {
        assert_eq!(column("name,password,note\nann,one,x\nbob,two,\"y, z\"\neve,,\nida,\"four\",\n"), ["two", "four"]);
        assert_eq!(column("name\tpassword\r\nann\t\r\nbob\ttwo\r\n\r\neve\tthree\r\n"), ["two"]);
        assert_eq!(column("name;password\nann;one\nThe end.\neve;three\n"), [""; 0]);
        let inserted =
            "INSERT INTO t (name, password) VALUES\n('ann', 'one'), ('b)ob', 'two'),\n('eve', NULL),\n('ida', 'four');\n('x', 'y')";
        assert_eq!(column(inserted), ["two", "four"]);
        assert_eq!(column("INSERT INTO t (password) VALUES ('one'), ('two'),('three') RETURNING id;"), ["two", "three"]);
        assert_eq!(
            column("INSERT INTO t (x, password) VALUES (1, 'one'),\n  (2, 'two'),\n (3, 'three');\n (4, 'four');"),
            ["two", "three"]
        );
        assert_eq!(column("password = 'one'\n('x', 'y')\na,b\n"), [""; 0]);
        assert_eq!(
            column("| name | password |\n|------|---------|\n| ann | one |\n| b'b | two |\n| eve | |\n| ida | `four` |\n"),
            ["two", "four"]
        );
        assert_eq!(column("| name | password |\n| ann | one |\n| bob | two |\n"), [""; 0]);
        // Not for ever.
        let long = format!("name,password\n{}", "ann,one\n".repeat(10_000));
        assert!((1000..3000).contains(&column(&long).len()));
    }

    #[test]
    fn columns_of_markdown() {
        let rows = "| Host | Password |\n|---|:---|\n| db1 | `§` |\n| db2 | see the vault |\n| db3 | `two-3` |\n\n| x | y |\n";
        assert_eq!(check(rows).as_deref(), Some(PASSWORD));
        assert_eq!(column(&rows.replace("Password", "password")), ["see the vault", "two-3"]);
        assert_eq!(check("| Password (VPN) | Note |\r\n| --- | --- |\r\n| § | until May |\r\n").as_deref(), Some(PASSWORD));
        // Without the line of dashes it is no table, with another number of cells no row; what stands beside a name in a cell is its value.
        assert_eq!(check("| Host | Password |\n| db1 | § |\n"), None);
        assert_eq!(check("| Host | Password |\n|---|---|\n| § |\n"), None);
        assert_eq!(check("| password | string | required |\n|---|---|---|\n| x | § | y |\n"), None);
        assert_eq!(check("| password_1 | § |\n|---|---|\n| x | two-3 |\n").as_deref(), Some(PASSWORD));
    }

    #[test]
    fn arguments_are_no_columns() {
        assert_ne!(check("name, password, mail\nann, §, x").as_deref(), Some(PASSWORD));
    }

    #[test]
    fn values_that_only_a_space_separates_are_random() {
        let read = |line: &str| {
            let line = crate::rules::template::fill(line, "space").unwrap();
            let at = line.to_ascii_lowercase().find("token").unwrap();
            read(line.as_bytes(), &(at..at + 5), AssignmentKind::Token).is_ok()
        };
        for line in [
            "acme TOKEN {{base62:40}}",
            "acme_token {{hex:32}}",
            "acmeToken\t{{base36:36}}7",
            "the token is {{hex:32}}",
            "token for ann: {{hex:32}}",
        ] {
            assert!(read(line), "{line}");
        }
        for line in
            ["the token expired yesterday", "token {{hex:40}}", "TOKEN {{HEX:32}}", "token {{base62:40}} is wrong", "token {{base62:12}}"]
        {
            assert!(!read(line), "{line}");
        }
    }

    #[test]
    fn keys_of_tables_open_nothing() {
        let key =
            |line: &str| read(line.as_bytes(), &(line.find("key").unwrap()..line.find("key").unwrap() + 3), AssignmentKind::Token).is_ok();
        for line in
            ["{\"key\": \"Antofagasta\"}", "\"result_key\": \"DhcpOptions\"", "sub_keys = \"CA~CB~CC~CD~CE~CF~CG~CH\"", "key: row-2024-01"]
        {
            assert!(!key(line), "{line}");
        }
        for line in
            ["first_key = \"{{uuid}}\"", "paths.containsKey(\"{{hex:64}}\")", "cache.get_key('{{hex:64}}')", "p.removeKey(\"{{hex:64}}\")"]
        {
            assert!(!key(&crate::rules::template::fill(&line.replace("Key", "key"), "key").unwrap()), "{line}");
        }
        for line in ["\"key\": \"{{base62:17}}{{digits:3}}\"", "license_key = \"{{base62:11}}{{digits:1}}\""] {
            assert!(key(&crate::rules::template::fill(line, "key").unwrap()), "{line}");
        }
    }

    #[test]
    fn names_of_variables_constants_and_hosts() {
        let found = |template: &str, word: &str| {
            let text = template.replace('§', word);
            let at = text.to_ascii_lowercase().find("passw").unwrap();
            read(text.as_bytes(), &(at..at + 5), AssignmentKind::Password).is_ok_and(|found| &text[found.value] == word)
        };
        for (text, word) in [
            ("Account{\n\tPassword: §,\n}", "b64Pwd"),
            ("    password=§,\n", "db_pwd2"),
            ("if (check(user, password) == §) {", "CHECK_OK"),
            ("[\"npmUser\", \"npmPassword\", \"§\", \"x\"]", "npm2FaToken"),
            ("\"npmPassword\",\"§\",\"x\"", "npm2FaToken"),
            ("password: '§'", "fe80:0000:0000:0000:0204:61ff:fe9d:f156"),
            ("password: '§'", "192.168.17.2"),
        ] {
            assert!(!found(text, word), "{text} {word}");
        }
        assert!(found("{host: db, password: §, user: ann}", "b64Pwd"));
        assert!(found("  password: §,\n", "b64+Pwd!7"));
        assert!(found("password: '§'", "fe80:0000:x"));
    }

    #[test]
    fn what_is_called_encoded_and_encodes_no_text_is_a_digest() {
        use base64::{Engine as _, prelude::BASE64_STANDARD};
        let found = |template: &str| {
            let line = crate::rules::template::fill(template, "encoded").unwrap();
            let at = line.find("Passw").unwrap();
            read(line.as_bytes(), &(at..at + 5), AssignmentKind::Password).is_ok()
        };
        assert!(!found("encodedPassword = \"{{hex:64}}\"") && !found("encodedPassword = \"{{base64:43}}=\""));
        let text = BASE64_STANDARD.encode("u8;Kq4z/Lp0W#Ymn3e");
        assert!(found(&format!("encodedPassword = \"{text}\"")) && found("otherPassword = \"{{hex:64}}\""));
    }

    #[test]
    fn labels_above_what_machines_made() {
        let found = |template: &str| {
            let text = crate::rules::template::fill(template, "x").unwrap();
            let at = text.to_ascii_lowercase().find("token").unwrap();
            let found = read(text.as_bytes(), &(at..at + 5), AssignmentKind::Token).ok()?;
            Some(found.value.len())
        };
        for text in [
            "API token\n{{hex:30}}7a\nUser: jo\n",
            "## Token\n\n{{base62:30}}7a\n",
            "Access token:\r\n  {{base62:30}}7a",
            "user jo\ntoken\n{{base62:30}}7a\n\nnext",
            "1. Set the token:\n   ```\n   {{base62:30}}7a\n   ```\n",
            "  key   = \"API_TOKEN\"\n  value = \"{{base62:30}}7a\"\n",
            "## API token\n\n```\n{{base62:30}}7a\n```\n",
            "Please use the following token:\n\n    {{base62:30}}7a\n\nYours\n",
            "An account was made. Please use the following token to proceed to installation:\n\n{{hex:30}}7a\n",
            "Here is the new token (it is shown only once):\n{{base62:30}}7a\n",
            "  token:\n    '{{base62:30}}7a',\n",
            "  ApiToken:\n    Type: String\n    NoEcho: true\n    Default: {{base62:30}}7a\n",
            "<setting name=\"Token\" serializeAs=\"String\">\n  <value>{{base62:30}}7a</value>\n",
            "<setting name=\"Token\" serializeAs=\"String\"><value>{{base62:30}}7a</value>\n",
            "  name  = \"/prod/api_token\"\n  type  = \"SecureString\"\n  value = \"{{base62:30}}7a\"\n",
        ] {
            assert_eq!(found(text), Some(32), "{text}");
        }
        for text in [
            "every request has a new token\n{{hex:4}}\n",
            "the user_id, the size, the order and then the token\n{{hex:32}}\n",
            "Save the token in your settings:\n\n    settings.a1b2c3 = 4711\n",
            "Requests that had a token, by their ids:\n{{hex:32}}\n{{hex:32}}\n",
            "Token\n{{hex:32}}\n{{hex:32}}\n",
            "Token\n{{hex:32}} of jo\n",
            "x = token\n{{hex:32}}\n",
            "  ApiToken:\n    Type: String\n  Other:\n    Default: {{hex:32}}\n",
        ] {
            assert_eq!(found(text), None, "{text}");
        }
    }

    #[test]
    fn digests_of_files_fingerprints_and_parts_of_arns() {
        let found = |template: &str, anchor: &str| {
            let line = crate::rules::template::fill(template, "x").unwrap();
            let at = line.to_ascii_lowercase().rfind(anchor).unwrap();
            read(line.as_bytes(), &(at..at + anchor.len()), AssignmentKind::Token).is_ok()
        };
        for (line, anchor) in [
            ("SHA512 (secret.tar.gz) = {{hex:128}}", "secret"),
            ("auth-token.zip: {{hex:64}}", "token"),
            ("SHA1(secret.pem)= {{hex:40}}", "secret"),
            ("s3_key = \"models/2023-01/{{hex:32}}.bin\"", "key"),
            ("chunkKey = '{{hex:20}}'", "key"),
            ("        checksum/secret: {{hex:64}}", "secret"),
            ("secret_id = arn:aws:secretsmanager:eu-central-1:123456789012:secret:prod/db-{{base62:6}}", "secret"),
            ("ENV GPG_KEY {{HEX:39}}F", "key"),
            ("publicKeyToken=\"{{hex:16}}\"", "token"),
        ] {
            assert!(!found(line, anchor), "{line}");
        }
        for (line, anchor) in [
            ("app.secret: {{hex:64}}", "secret"),
            ("ENV SIGNING_KEY {{hex:40}}", "key"),
            ("client_token=\"{{hex:16}}\"", "token"),
            ("this API key: `k7{{base62:14}}`.", "key"),
        ] {
            assert!(found(line, anchor), "{line}");
        }
    }

    #[test]
    fn what_only_speaks_about_passwords() {
        for line in [
            "passwordField = \"user_password_1\"",
            "password_hash: 5f4dcc3b5aa765d6",
            "password = os.environ['DB_PASSWORD']",
            "password = ${DB_PASSWORD}",
            "the password is wrong",
            "the password is base64-encoded",
            "the password is §, or so",
            "a password for user 17: see RFC2617",
            "| password | string | required |",
            "password: !!str",
            "password: string",
            "if (!password) return",
            "passwordless = \"magic-link-1\"",
            "PASSWORD_FILE=/run/secrets/db_1",
            "encryptedPassword: §",
            "password = user_password;",
            "password: compute(§)",
            "the password 'and' more",
            "password=%d:%08x",
            "password (optional): string",
            "**Password:** see the vault",
            "setPassword (text): boolean {",
            "password = '(?<secret>[0-9a-z]{8,40})'",
            r"password = \x01\x02\x03\x04",
            "password = $\"§{x}\"",
            "password = [[DB_PASSWORD]]",
            "password = \"the words of it are 7 or 8\"",
            "passphrase = \"Type it, then press enter: 7\"",
        ] {
            assert_eq!(check(line), None, "{line}");
        }
    }

    #[test]
    fn names_in_a_list_are_no_values() {
        assert_eq!(check(r#"names = ["db-password", "redis-key2", "mail-token"]"#), None);
        assert_eq!(check(r#"set("db-password", "redis-key2")"#).as_deref(), Some("redis-key2"));
    }

    #[test]
    fn compounds_are_words() {
        let of = |name: &str| {
            let line = format!("{name} = \"{}\"", crate::rules::template::fill("{{base62:32}}", "compounds").unwrap());
            let at = line.to_ascii_lowercase().find("key").unwrap();
            read(line.as_bytes(), &(at..at + 3), AssignmentKind::Token).is_ok()
        };
        assert!(of("apikey") && of("myApikey") && of("SECRETKEY") && of("api_key") && of("apiKey"));
        assert!(!of("monkey") && !of("turkey"));
    }
}
