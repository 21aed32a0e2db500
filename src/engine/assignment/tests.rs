//! What is a value under a name, and what is none: the ways to write one, as examples.

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
    let inserted = "INSERT INTO t (name, password) VALUES\n('ann', 'one'), ('b)ob', 'two'),\n('eve', NULL),\n('ida', 'four');\n('x', 'y')";
    assert_eq!(column(inserted), ["two", "four"]);
    assert_eq!(column("INSERT INTO t (password) VALUES ('one'), ('two'),('three') RETURNING id;"), ["two", "three"]);
    assert_eq!(column("INSERT INTO t (x, password) VALUES (1, 'one'),\n  (2, 'two'),\n (3, 'three');\n (4, 'four');"), ["two", "three"]);
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
        ("    pub password: §,\n", "SecUtf8"),
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
        ("\"publicResourceKey\": \"{{base62:32}}\"", "key"),
        ("FullPubKey: {{hex:64}}", "key"),
        ("--gpg-key {{HEX:16}}", "key"),
        ("--file.private-key='rsa.2048.pem'", "key"),
        ("request_token: urn:ietf:params:{{base64url:43}}", "token"),
        ("\"allowed_credentials\":[\"{{base64url:64}}\"]", "credential"),
        ("\"MsmKey\" = \"8:_{{HEX:32}}\"", "key"),
        ("transactionKey: 'WHD-REC-2001'", "key"),
        ("[\"eq\",\"$key\",\"{{base36:13}}\"]", "key"),
        ("{\"key\": \"rte_images/{{base36:14}}\"}", "key"),
        ("<string key=\"124.IBPlugin{{base62:10}}7\">", "key"),
        ("{\"key_id\":\"{{any:0-9:18}}\",\"key\":\"{{base64:43}}=\"}", "key"),
        ("def gitAuth = '{{uuid}}'", "auth"),
        ("S3-Sealed-Key: {{base64:48}}", "key"),
        ("wrappedToken = \"{{base64:48}}\"", "token"),
        ("\"clientSecret\": \"{{base62:8}}サーバー\"", "secret"),
    ] {
        assert!(!found(line, anchor), "{line}");
    }
    for (line, anchor) in [
        ("app.secret: {{hex:64}}", "secret"),
        ("ENV SIGNING_KEY {{hex:40}}", "key"),
        ("client_token=\"{{hex:16}}\"", "token"),
        ("unsealKey = \"{{base64:43}}=\"", "key"),
        ("NEXT_PUBLIC_APP_KEY={{base62:40}}", "key"),
        ("let signingKey = Data(fromHexEncodedString: \"{{hex:64}}\")", "key"),
        ("this API key: `k7{{base62:14}}`.", "key"),
        ("{\"key_id\":\"{{any:0-9:18}}\",\"key\":\"{{base64:53}}\"}", "key"),
        ("<service key=\"{{base62:32}}7\">", "key"),
        ("transactionKey: '{{base62:16}}7'", "key"),
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
        "'Lost Password': 'Ztraceno'",
        "'password': 'jelszó megváltoztatása'",
        "docker run -i --password-stdin host:8765",
        "if [ \"$PWD\" = \"C:/foo/bar\" ]; then export passw=\"C:/foo/bar\"; fi",
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
