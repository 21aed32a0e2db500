//! What is never a finding, one row a kind: the value as it should be written, and in its place a literal credential, which must be found. So a row
//! fails where the right way is flagged, and where nothing would be found there anyway.

use std::collections::BTreeSet;

use crate::support::{Ran, Tree, filled};

/// A row: what writes it so, the file it stands in, its line with `§` for the value, the value, and a literal as a template.
type Row = (&'static str, &'static str, &'static str, &'static str, &'static str);

/// A literal as configuration has it …
const BARE: &str = "{{base62:17}}{{digits:3}}{{base62:17}}";
/// … and as code has it.
const QUOTED: &str = "\"{{base62:17}}{{digits:3}}{{base62:17}}\"";
const SINGLE: &str = "'{{base62:17}}{{digits:3}}{{base62:17}}'";

/// Expressions that a pipeline fills in.
const CI: &[Row] = &[
    ("GitHub Actions", ".github/workflows/ci.yml", "  deploy_token: §", "${{ secrets.DEPLOY_TOKEN }}", BARE),
    ("GitHub Actions, variables", ".github/workflows/ci.yml", "  API_KEY: §", "${{ vars.API_KEY }}", BARE),
    ("GitHub Actions, quoted", ".github/workflows/ci.yml", "  password: §", "\"${{ secrets.REGISTRY_PASSWORD }}\"", QUOTED),
    ("GitLab CI", ".gitlab-ci.yml", "  DEPLOY_TOKEN: §", "$CI_JOB_TOKEN", BARE),
    ("GitLab CI, braces", ".gitlab-ci.yml", "  REGISTRY_PASSWORD: §", "\"${CI_REGISTRY_PASSWORD}\"", QUOTED),
    ("GitLab CI, inputs", ".gitlab-ci.yml", "  api_token: §", "$[[ inputs.api_token ]]", BARE),
    ("Azure Pipelines, macro", "azure-pipelines.yml", "  apiToken: §", "$(ApiToken)", BARE),
    ("Azure Pipelines, template", "azure-pipelines.yml", "  apiToken: §", "${{ parameters.apiToken }}", BARE),
    ("Azure Pipelines, runtime", "azure-pipelines.yml", "  apiToken: §", "$[variables.apiToken]", BARE),
    ("Bitbucket Pipelines", "bitbucket-pipelines.yml", "  API_TOKEN: §", "$API_TOKEN", BARE),
    ("CircleCI, pipeline values", ".circleci/config.yml", "  api_token: §", "<< pipeline.parameters.token >>", BARE),
    ("Jenkins", "Jenkinsfile", "  API_TOKEN = §", "credentials('deploy-token')", SINGLE),
    ("Travis CI", ".travis.yml", "  api_key: §", "$DEPLOY_API_KEY", BARE),
    ("Drone", ".drone.yml", "  api_token: §", "{from_secret: deploy_token}", BARE),
    ("Concourse, CredHub", "pipeline.yml", "  password: §", "((registry.password))", BARE),
    ("TeamCity", "build.properties", "deploy.token=§", "%env.DEPLOY_TOKEN%", BARE),
    ("Octopus", "app.config", "<add key=\"ApiToken\" value=\"§\" />", "#{ApiToken}", BARE),
    ("Azure DevOps token replacement", "app.json", "\"apiToken\": \"§\"", "#{API_TOKEN}#", BARE),
    ("Secret macros of test tools", "config.yml", "  api_key: §", "{{Secrets.ApiKey}}", BARE),
    ("Buildkite, escaped", ".buildkite/pipeline.yml", "  API_TOKEN: §", "$$API_TOKEN", BARE),
];

/// Templates that a program fills in.
const TEMPLATES: &[Row] = &[
    ("Jinja", "vars.yml", "db_password: §", "\"{{ vault_db_password }}\"", QUOTED),
    ("Jinja, filters", "vars.yml", "db_password: §", "{{ lookup('env', 'DB_PASSWORD') | default('') }}", BARE),
    ("Jinja, statement", "app.conf.j2", "password = §", "{% if x %}{{ x }}{% endif %}", BARE),
    ("Helm", "templates/app.yaml", "  password: §", "{{ .Values.db.password | quote }}", BARE),
    ("Helm, filters", "templates/app.yaml", "  password: §", "{{ .Values.db.password | b64enc | quote }}", BARE),
    ("Go templates", "app.tmpl", "token: §", "{{- .Token -}}", BARE),
    ("ERB", "database.yml.erb", "password: §", "<%= ENV['DB_PASSWORD'] %>", BARE),
    ("EJS", "page.html", "<input name=\"token\" value=\"§\">", "<%- token %>", "{{base62:17}}{{digits:3}}{{base62:17}}"),
    ("Mustache", "app.mustache", "api_key = §", "{{{apiKey}}}", BARE),
    ("Terraform, interpolation", "main.tf", "  password = §", "\"${var.db_password}\"", QUOTED),
    ("Terraform, variable", "main.tf", "  password = §", "var.db_password", QUOTED),
    ("Terraform, resource", "main.tf", "  password = §", "random_password.db.result", QUOTED),
    ("Terraform, data source", "main.tf", "  secret_key = §", "data.vault_generic_secret.app.data[\"key\"]", QUOTED),
    ("Terraform, local", "main.tf", "  auth_token = §", "local.auth_token", QUOTED),
    ("CloudFormation, parameter", "stack.yaml", "  MasterUserPassword: §", "!Ref DatabasePassword", BARE),
    ("CloudFormation, substitution", "stack.yaml", "  MasterUserPassword: §", "!Sub '${DatabasePassword}'", BARE),
    (
        "CloudFormation, dynamic reference",
        "stack.yaml",
        "  MasterUserPassword: §",
        "'{{resolve:secretsmanager:prod/db:SecretString:password}}'",
        SINGLE,
    ),
    ("CloudFormation, JSON", "stack.json", "\"MasterUserPassword\": §", "{\"Ref\": \"DatabasePassword\"}", QUOTED),
    ("Bicep, parameter", "main.bicep", "  administratorLoginPassword: §", "adminPassword", SINGLE),
    ("Bicep, vault", "main.bicep", "  administratorLoginPassword: §", "keyVault.getSecret('sqlPassword')", SINGLE),
    ("ARM template", "azuredeploy.json", "\"adminPassword\": §", "\"[parameters('adminPassword')]\"", QUOTED),
    ("Pulumi", "index.ts", "const dbPassword = §;", "config.requireSecret(\"dbPassword\")", QUOTED),
    ("Maven", "pom.xml", "<password>§</password>", "${env.NEXUS_PASSWORD}", BARE),
    ("Gradle", "build.gradle", "  password = §", "project.findProperty('nexusPassword')", SINGLE),
    ("Spring", "application.yml", "  password: §", "${DB_PASSWORD:}", BARE),
    ("Python format", "app.cfg", "password = §", "%(DB_PASSWORD)s", BARE),
    ("Shell, default", "start.sh", "export API_TOKEN=§", "${API_TOKEN:-}", BARE),
    ("Shell, command", "start.sh", "export API_TOKEN=§", "$(cat /run/secrets/api_token)", BARE),
    ("Shell, backticks", "start.sh", "export API_TOKEN=§", "`cat /run/secrets/api_token`", BARE),
    ("Windows batch", "start.bat", "set API_TOKEN=§", "%CI_API_TOKEN%", BARE),
    ("PowerShell", "start.ps1", "$apiToken = §", "$env:API_TOKEN", QUOTED),
    ("Postman", "collection.json", "\"api_key\": \"§\"", "{{apiKey}}", BARE),
    ("HTTP files", "api.http", "X-Api-Key: §", "{{apiKey}}", BARE),
    ("Bearer header", "api.http", "Authorization: Bearer §", "{{token}}", BARE),
    ("Angle brackets", "setup.md", "API_TOKEN=§", "<your-api-token>", BARE),
    ("JavaScript template", "api.js", "const token = §;", "`${prefix}-${id}`", QUOTED),
    ("Ruby interpolation", "api.rb", "token = §", "\"#{prefix}-#{id}\"", QUOTED),
    ("URL with a template", "app.env", "DATABASE_URL=postgres://app:§@db.internal/app", "${DB_PASSWORD}", "{{base62:20}}"),
];

/// Addresses in secret stores.
const STORES: &[Row] = &[
    ("HashiCorp Vault, path", "app.yml", "  password: §", "vault:secret/data/app#password", BARE),
    ("HashiCorp Vault, URL", "app.yml", "  password: §", "vault://secret/data/app#password", BARE),
    ("1Password", ".env", "DB_PASSWORD=§", "op://prod/db/password", BARE),
    ("1Password, quoted", ".env", "DB_PASSWORD=§", "\"op://prod/db/password\"", QUOTED),
    (
        "AWS Secrets Manager ARN",
        "task.json",
        "\"db_password\": \"§\"",
        "arn:aws:secretsmanager:eu-west-1:012345678901:secret:prod/db-AbCdEf",
        BARE,
    ),
    (
        "AWS Secrets Manager ARN, GovCloud",
        "task.json",
        "\"db_password\": \"§\"",
        "arn:aws-us-gov:secretsmanager:us-gov-west-1:012345678901:secret:db-AbCdEf",
        BARE,
    ),
    ("AWS Parameter Store ARN", "task.json", "\"api_token\": \"§\"", "arn:aws:ssm:eu-west-1:012345678901:parameter/prod/token", BARE),
    ("AWS Parameter Store", "serverless.yml", "  api_token: §", "${ssm:/prod/api/token}", BARE),
    ("aws-sm", "app.yml", "  api_token: §", "aws-sm://prod/api-token-2", BARE),
    (
        "Azure Key Vault reference",
        "settings.json",
        "\"ApiToken\": \"§\"",
        "@Microsoft.KeyVault(SecretUri=https://acme.vault.azure.net/secrets/token/0123)",
        BARE,
    ),
    ("Azure Key Vault URI", "settings.json", "\"ApiToken\": \"§\"", "https://acme.vault.azure.net/secrets/ApiToken/6f1ab2", BARE),
    ("Google Secret Manager", "app.yaml", "  api_token: §", "projects/acme-prod/secrets/api-token/versions/3", BARE),
    ("Google Secret Manager, sm", "application.properties", "api.token=§", "sm://acme-prod/api-token-3", BARE),
    ("Berglas", "app.yaml", "  api_token: §", "berglas://acme-secrets/api-token-3", BARE),
    ("Doppler", "app.yml", "  api_token: §", "doppler://prod/API_TOKEN_2", BARE),
    ("Infisical", "app.yml", "  api_token: §", "infisical://prod/API_TOKEN_2", BARE),
    ("Akeyless", "app.yml", "  api_token: §", "akeyless:/prod/api-token-2", BARE),
    ("CyberArk Conjur", "secrets.yml", "  api_token: §", "!var prod/api/token-2", BARE),
    ("Bitwarden", "app.env", "API_TOKEN=§", "bw://prod/api/token-2", BARE),
    ("KeePassXC", "app.env", "API_TOKEN=§", "keepassxc://prod/api/token-2", BARE),
    ("Keeper", "app.env", "API_TOKEN=§", "keeper://XXXX/field/token-2", BARE),
    ("pass", "app.env", "API_TOKEN=§", "pass://prod/api/token-2", BARE),
    ("vals", "values.yaml", "  apiToken: §", "ref+awssecrets://prod/api#/token", BARE),
    ("teller", "app.yml", "  api_token: §", "teller://prod/token-2", BARE),
    ("External Secrets", "es.yaml", "    secretKey: §", "prod/api/token", BARE),
    ("Kubernetes, secretKeyRef", "app.yaml", "  api_token: §", "{ secretKeyRef: { name: api, key: token } }", BARE),
    ("Docker secrets", "stack.yml", "  DB_PASSWORD: §", "/run/secrets/db_password_1", BARE),
];

/// Values that are encrypted or hashed where they stand.
const ENCRYPTED: &[Row] = &[
    (
        "SOPS, YAML",
        "secrets.enc.yaml",
        "db_password: §",
        "ENC[AES256_GCM,data:{{base64:16}},iv:{{base64:43}}=,tag:{{base64:22}}==,type:str]",
        BARE,
    ),
    (
        "SOPS, JSON",
        "secrets.enc.json",
        "\"db_password\": §",
        "\"ENC[AES256_GCM,data:{{base64:16}},iv:{{base64:43}}=,tag:{{base64:22}}==,type:str]\"",
        QUOTED,
    ),
    (
        "SOPS, env file",
        "secrets.enc.env",
        "DB_PASSWORD=§",
        "ENC[AES256_GCM,data:{{base64:16}},iv:{{base64:43}}=,tag:{{base64:22}}==,type:str]",
        BARE,
    ),
    ("eyaml", "common.eyaml", "db_password: §", "ENC[PKCS7,MII{{base64:120}}]", BARE),
    ("Ansible Vault, tag", "vars.yml", "db_password: §", "!vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  {{hex:80}}", BARE),
    ("Sealed Secrets", "sealed.yaml", "    password: §", "AgB{{base64:720}}", "{{base62:17}}{{digits:3}}{{base62:17}}"),
    ("Jasypt", "application.properties", "db.password=§", "ENC({{base64:32}})", BARE),
    ("Spring Cloud Config", "application.yml", "  password: §", "'{cipher}{{hex:64}}'", SINGLE),
    ("Vault transit", "app.yml", "  api_token: §", "vault:v1:{{base64:58}}", BARE),
    ("AWS KMS", "app.yml", "  api_token: §", "AQICAH{{base64:160}}", BARE),
    ("age", "app.yml", "  api_token: §", "-----BEGIN AGE ENCRYPTED FILE-----", BARE),
    ("git-crypt", "secrets.yml", "§", "\u{0}GITCRYPT\u{0}api_token: {{base62:40}}", "api_token: {{base62:17}}{{digits:3}}{{base62:17}}"),
    ("PGP message", "app.yml", "  api_token: §", "-----BEGIN PGP MESSAGE-----", BARE),
    (
        "Travis CI, secure",
        ".travis.yml",
        "  api_key:\n    secure: §",
        "\"{{base64:86}}=\"",
        "\"x\"\n  api_token: {{base62:17}}{{digits:3}}{{base62:17}}",
    ),
    ("AppVeyor, secure", "appveyor.yml", "  api_token: §", "{secure: {{base64:43}}=}", BARE),
    (
        "Pulumi, secure",
        "Pulumi.prod.yaml",
        "  acme:apiToken:\n    secure: §",
        "AAABA{{base64:43}}=",
        "x\n  acme:apiToken: {{base62:17}}{{digits:3}}{{base62:17}}",
    ),
    ("dotenvx", ".env.production", "API_TOKEN=§", "\"encrypted:{{base64:120}}\"", QUOTED),
    ("Rails credentials", "app.yml", "encrypted_token: §", "{{base64:43}}=", "x\napi_token: {{base62:17}}{{digits:3}}{{base62:17}}"),
    (
        "Chef Vault, age recipients",
        ".sops.yaml",
        "  key: §",
        "age1{{any:02-9ac-hj-np-z:58}}",
        "x\napi_token: {{base62:17}}{{digits:3}}{{base62:17}}",
    ),
    ("Spring Security", "users.yml", "password: §", "\"{scrypt}$e0801${{base64:88}}${{base64:44}}\"", QUOTED),
    (
        "name that says hashed",
        "baseline.json",
        "\"hashed_secret\": §,",
        "\"{{hex:40}}\"",
        "1, \"secret\": \"{{base62:17}}{{digits:3}}{{base62:17}}\"",
    ),
    ("tag of an image", "deploy.yml", "  - image: acme/app-secret:§", "1.13.1-k8s-vault", "{{base62:17}}{{digits:3}}{{base62:17}}"),
    ("bcrypt", "users.yml", "password: §", "$2b$12${{base62:53}}", BARE),
    ("argon2", "users.yml", "password: §", "$argon2id$v=19$m=65536,t=3,p=4${{base64:22}}${{base64:43}}", BARE),
    ("Django", "users.json", "\"password\": \"§\"", "pbkdf2_sha256$260000${{base62:22}}${{base64:43}}=", BARE),
    ("Django, salted SHA-1", "users.json", "\"password\": \"§\"", "sha1${{base62:8}}${{hex:40}}", BARE),
    ("Werkzeug", "users.json", "\"password\": \"§\"", "pbkdf2:sha256:260000${{base62:16}}${{hex:64}}", BARE),
    ("Spring Security", "users.yml", "password: '§'", "{bcrypt}$2a$10${{base62:53}}", BARE),
    ("phpass", "users.sql", "db_password = '§';", "$P$B{{base62:31}}", BARE),
    ("MySQL", "users.sql", "db_password = '§';", "*{{HEX:40}}", BARE),
    ("PostgreSQL, MD5", "roles.sql", "db_password = '§';", "md5{{hex:32}}", "{{base62:17}}{{digits:3}}"),
    ("SHA-crypt", "users.yml", "password: §", "$6$rounds=4096${{base62:16}}${{base62:86}}", BARE),
    ("PHP, bcrypt", "users.yml", "password: §", "$2y$10${{base62:53}}", BARE),
    ("LDAP", "users.ldif", "userPassword: §", "{SSHA}{{base64:32}}", BARE),
    (
        "PostgreSQL SCRAM",
        "roles.sql",
        "db_password = '§';",
        "SCRAM-SHA-256$4096:{{base64:22}}==${{base64:43}}=:{{base64:43}}=",
        "{{base62:17}}{{digits:3}}",
    ),
];

/// Look-ups in the environment, a language a row.
const ENVIRONMENT: &[Row] = &[
    ("JavaScript", "app.js", "const apiToken = §;", "process.env.API_TOKEN", QUOTED),
    ("JavaScript, index", "app.js", "const apiToken = §;", "process.env[\"API_TOKEN\"]", QUOTED),
    ("TypeScript, assertion", "app.ts", "const apiToken = §;", "process.env.API_TOKEN!", QUOTED),
    ("Vite", "app.ts", "const apiToken = §;", "import.meta.env.VITE_API_TOKEN", QUOTED),
    ("Deno", "app.ts", "const apiToken = §;", "Deno.env.get(\"API_TOKEN\")", QUOTED),
    ("Bun", "app.ts", "const apiToken = §;", "Bun.env.API_TOKEN", QUOTED),
    ("Python, index", "app.py", "api_token = §", "os.environ[\"API_TOKEN\"]", QUOTED),
    ("Python, get", "app.py", "api_token = §", "os.environ.get(\"API_TOKEN\")", QUOTED),
    ("Python, getenv", "app.py", "api_token = §", "os.getenv(\"API_TOKEN\")", QUOTED),
    ("Python, decouple", "app.py", "api_token = §", "config(\"API_TOKEN\")", QUOTED),
    ("Python, environs", "app.py", "api_token = §", "env.str(\"API_TOKEN\")", QUOTED),
    ("Ruby", "app.rb", "api_token = §", "ENV[\"API_TOKEN\"]", QUOTED),
    ("Ruby, fetch", "app.rb", "api_token = §", "ENV.fetch(\"API_TOKEN\")", QUOTED),
    ("Rails credentials", "app.rb", "api_token = §", "Rails.application.credentials.api_token", QUOTED),
    ("PHP", "app.php", "$apiToken = §;", "getenv('API_TOKEN')", SINGLE),
    ("PHP, superglobal", "app.php", "$apiToken = §;", "$_ENV['API_TOKEN']", SINGLE),
    ("Laravel", "app.php", "'api_token' => §,", "env('API_TOKEN')", SINGLE),
    ("Java", "App.java", "String apiToken = §;", "System.getenv(\"API_TOKEN\")", QUOTED),
    ("Java, property", "App.java", "String apiToken = §;", "System.getProperty(\"api.token\")", QUOTED),
    ("Kotlin", "App.kt", "val apiToken = §", "System.getenv(\"API_TOKEN\")", QUOTED),
    ("Scala", "App.scala", "val apiToken = §", "sys.env(\"API_TOKEN\")", QUOTED),
    ("Groovy", "app.groovy", "def apiToken = §", "System.getenv('API_TOKEN')", SINGLE),
    (
        "Clojure",
        "app.clj",
        "(def api-token §)",
        "(System/getenv \"API_TOKEN\")",
        "\"x\")\n(def config {:api-token \"{{base62:17}}{{digits:3}}{{base62:17}}\"}",
    ),
    ("Go", "app.go", "apiToken := §", "os.Getenv(\"API_TOKEN\")", QUOTED),
    ("Go, viper", "app.go", "apiToken := §", "viper.GetString(\"api.token\")", QUOTED),
    ("Rust", "app.rs", "let api_token = §;", "std::env::var(\"API_TOKEN\")?", QUOTED),
    ("Rust, macro", "app.rs", "let api_token = §;", "env!(\"API_TOKEN\")", QUOTED),
    ("C", "app.c", "const char *api_token = §;", "getenv(\"API_TOKEN\")", QUOTED),
    ("C++", "app.cpp", "std::string api_token = §;", "std::getenv(\"API_TOKEN\")", QUOTED),
    ("C#", "App.cs", "var apiToken = §;", "Environment.GetEnvironmentVariable(\"API_TOKEN\")", QUOTED),
    ("C#, configuration", "App.cs", "var apiToken = §;", "Configuration[\"ApiToken\"]", QUOTED),
    ("F#", "App.fs", "let apiToken = §", "Environment.GetEnvironmentVariable \"API_TOKEN\"", QUOTED),
    ("Swift", "App.swift", "let apiToken = §", "ProcessInfo.processInfo.environment[\"API_TOKEN\"]", QUOTED),
    (
        "Objective-C",
        "App.m",
        "NSString *apiToken = §;",
        "NSProcessInfo.processInfo.environment[@\"API_TOKEN\"]",
        "\"{{base62:17}}{{digits:3}}{{base62:17}}\"",
    ),
    ("Dart", "app.dart", "final apiToken = §;", "Platform.environment['API_TOKEN']", SINGLE),
    ("Flutter", "app.dart", "const apiToken = §;", "String.fromEnvironment('API_TOKEN')", SINGLE),
    ("Perl", "app.pl", "my $api_token = §;", "$ENV{API_TOKEN}", QUOTED),
    ("Lua", "app.lua", "local api_token = §", "os.getenv(\"API_TOKEN\")", QUOTED),
    ("R", "app.r", "api_token <- §", "Sys.getenv(\"API_TOKEN\")", QUOTED),
    ("Julia", "app.jl", "api_token = §", "ENV[\"API_TOKEN\"]", QUOTED),
    ("Elixir", "app.ex", "api_token = §", "System.get_env(\"API_TOKEN\")", QUOTED),
    ("Erlang", "app.erl", "ApiToken = §,", "os:getenv(\"API_TOKEN\")", QUOTED),
    ("Haskell", "app.hs", "apiToken <- §", "getEnv \"API_TOKEN\"", QUOTED),
    ("OCaml", "app.ml", "let api_token = §", "Sys.getenv \"API_TOKEN\"", QUOTED),
    ("Crystal and Nim", "app.nim", "let apiToken = §", "getEnv(\"API_TOKEN\")", QUOTED),
    ("Zig", "app.zig", "const api_token = §;", "std.posix.getenv(\"API_TOKEN\")", QUOTED),
    ("PowerShell", "app.ps1", "$apiToken = §", "[Environment]::GetEnvironmentVariable('API_TOKEN')", SINGLE),
    ("Fish and shell", "app.fish", "set -x API_TOKEN=§", "$HOST_API_TOKEN", BARE),
    ("Nix", "app.nix", "  apiToken = §;", "builtins.getEnv \"API_TOKEN\"", QUOTED),
    ("CMake", "app.config", "API_TOKEN=§", "$ENV{API_TOKEN}", BARE),
    ("Cypress", "app.js", "const password = §;", "Cypress.env('password')", SINGLE),
    ("k6", "app.js", "const apiToken = §;", "__ENV.API_TOKEN", QUOTED),
    ("Docker, ARG", "Dockerfile", "ENV API_TOKEN=§", "$API_TOKEN_ARG", BARE),
];

/// Code that makes, asks for or describes a value.
const CODE: &[Row] = &[
    ("call", "app.py", "password = §", "generate_password(length=24)", QUOTED),
    ("method", "App.java", "String token = §;", "tokenService.createToken(user)", QUOTED),
    ("await", "app.ts", "const token = §;", "await getAccessToken()", QUOTED),
    ("new object", "app.ts", "const password = §;", "new FormControl('')", SINGLE),
    ("prompt", "app.py", "password = §", "getpass.getpass(\"Password: \")", QUOTED),
    ("type, TypeScript", "app.ts", "  password: §;", "string | undefined", QUOTED),
    ("type, Python", "app.py", "    password: §", "Optional[SecretStr] = None", "str = \"{{base62:17}}{{digits:3}}{{base62:17}}\""),
    ("type, Rust", "app.rs", "    password: §,", "Option<SecretString>", "\"{{base62:17}}{{digits:3}}{{base62:17}}\""),
    ("type, Go", "app.go", "\tPassword §", "string `json:\"password\"`", "= \"{{base62:17}}{{digits:3}}{{base62:17}}\""),
    ("type, GraphQL", "schema.graphql", "  password: §", "String!", QUOTED),
    ("type, Kotlin", "App.kt", "    val password: §,", "CharArray?", "String = \"{{base62:17}}{{digits:3}}{{base62:17}}\""),
    ("type, OpenAPI", "api.yaml", "  password: §", "{type: string, format: password}", BARE),
    ("type, SQL", "schema.sql", "  password §", "VARCHAR(255) NOT NULL,", "= '{{base62:17}}{{digits:3}}{{base62:17}}'"),
    ("self-reference", "app.py", "self.password = §", "password", QUOTED),
    ("self-reference, keyword", "app.py", "connect(password=§)", "self.password", QUOTED),
    ("self-reference, object", "app.js", "  apiToken: §,", "this.apiToken", QUOTED),
    ("self-reference, options", "app.js", "  password: §,", "options.password", QUOTED),
    ("comparison", "app.js", "if (password === §) {", "confirmPassword", QUOTED),
    (
        "form field",
        "page.html",
        "<input type=\"password\" name=\"password\" placeholder=\"§\">",
        "Enter your password",
        "x\" data-token=\"{{base62:17}}{{digits:3}}{{base62:17}}",
    ),
    (
        "name of a header",
        "app.js",
        "const API_KEY_HEADER = §;",
        "'X-Api-Key-2'",
        "'x'; const apiToken = '{{base62:17}}{{digits:3}}{{base62:17}}'",
    ),
    (
        "name of a variable",
        "app.py",
        "TOKEN_ENV = §",
        "\"ACME_API_TOKEN_V2\"",
        "\"x\"; api_token = \"{{base62:17}}{{digits:3}}{{base62:17}}\"",
    ),
    ("path of a file", "app.yml", "  private_key: §", "/etc/ssl/private/app-1.key", BARE),
    ("address", "app.yml", "  token: §", "https://login.acme.io/oauth2/v2/token", BARE),
    ("null", "app.yml", "  password: §", "null", BARE),
];

/// What documentation and templates of configuration have in a credential's place.
const PLACEHOLDERS: &[Row] = &[
    ("changeme", ".env", "DB_PASSWORD=§", "changeme", BARE),
    ("change it", "app.properties", "keystore.password=§", "changeit", BARE),
    ("x", ".env", "API_TOKEN=§", "xxxxxxxxxxxxxxxxxxxxxxxx", BARE),
    ("X with dashes", ".env", "API_TOKEN=§", "XXXX-XXXX-XXXX-XXXX", BARE),
    ("stars", ".env", "API_TOKEN=§", "********************", BARE),
    ("dots", ".env", "API_TOKEN=§", "....................", BARE),
    ("zeros", ".env", "API_TOKEN=§", "00000000000000000000000000000000", BARE),
    ("sequence", ".env", "API_TOKEN=§", "1234567890abcdef1234567890abcdef", BARE),
    ("alphabet", ".env", "API_TOKEN=§", "abcdefghijklmnopqrstuvwxyz", BARE),
    ("your … here", ".env", "API_TOKEN=§", "your-api-token-here", BARE),
    ("your_", ".env", "API_TOKEN=§", "YOUR_API_TOKEN", BARE),
    ("insert", ".env", "API_TOKEN=§", "<INSERT TOKEN HERE>", BARE),
    ("replace", ".env", "API_TOKEN=§", "REPLACE_WITH_TOKEN_1", BARE),
    ("todo", ".env", "API_TOKEN=§", "TODO-set-me-2024", BARE),
    ("example", ".env", "API_TOKEN=§", "example-token-12345", BARE),
    ("dummy", "app.yml", "  api_token: §", "dummy-token-0001", BARE),
    ("fake", "app.yml", "  api_token: §", "fake-token-0001", BARE),
    ("not a real one", "app.yml", "  api_token: §", "not-a-real-token-1", BARE),
    ("redacted", "app.yml", "  api_token: §", "[REDACTED]", BARE),
    ("masked", "app.yml", "  api_token: §", "ab12********cd34", BARE),
    ("cut short", "app.yml", "  api_token: §", "sk-ab12cd...", BARE),
    ("AWS, published id", "app.env", "AWS_ACCESS_KEY_ID=§", "AKIAIOSFODNN7EXAMPLE", "{{aws_key_id}}"),
    ("AWS, second published id", "app.env", "AWS_ACCESS_KEY_ID=§", "AKIAI44QH8DHBEXAMPLE", "{{aws_key_id}}"),
    ("AWS, published secret", "app.env", "AWS_SECRET_ACCESS_KEY=§", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "{{base64:37}}9Ka"),
    ("AWS, second published secret", "app.env", "AWS_SECRET_ACCESS_KEY=§", "je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY", "{{base64:37}}9Ka"),
    (
        "jwt.io",
        "app.js",
        "const token = §;",
        "\"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0IjoxNTE2MjM5MDIyfQ.SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c\"",
        "\"{{jwt}}\"",
    ),
    ("RFC 7617, basic", "api.http", "Authorization: Basic §", "QWxhZGRpbjpvcGVuIHNlc2FtZQ==", "{{basic}}"),
    ("RFC 6749, bearer", "api.http", "Authorization: Bearer §", "2YotnFZFEjr1zCsicMWpAA", BARE),
    ("RFC 6750, bearer", "api.http", "Authorization: Bearer §", "mF_9.B5f-4.1JqM", BARE),
    ("RFC 6749, client secret", "api.yml", "client_secret: §", "7Fjfp0ZBr1KtDRbnfVdmIw", BARE),
    ("RFC 6749, refresh token", "api.yml", "refresh_token: §", "tGzv3JOkF0XG5Qx2TlKWIA", BARE),
    (
        "RFC 7519, example key",
        "api.yml",
        "jwt_secret: §",
        "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow",
        BARE,
    ),
    ("RFC 6238, seed", "app.yml", "totp_secret: §", "12345678901234567890", "{{base32:32}}"),
    ("Google Authenticator wiki", "app.yml", "totp_secret: §", "JBSWY3DPEHPK3PXP", "{{base32:32}}"),
    ("Stripe, documentation", "app.yml", "stripe_key: §", concat!("sk_test_", "4eC39HqLyjWDarjtT1zdp7dc"), "sk_live_{{base62:24}}"),
];

/// Digests, ids and other values that are meant to be seen.
const PUBLIC: &[Row] = &[
    (
        "SRI",
        "index.html",
        "<script integrity=\"§\" src=\"app.js\"></script>",
        "sha384-oqVuAfXRKap7fdgcCY5uykM6+R9GqQ8K/uxy9rx7HNQlGYl1kPzQho1wx4JwY8wC",
        "x\" data-token=\"{{base62:17}}{{digits:3}}{{base62:17}}",
    ),
    (
        "npm lock, integrity",
        "package-lock.json",
        "      \"integrity\": \"§\"",
        "sha512-{{base64:86}}==",
        "x\", \"resolved\": \"https://ci:{{base62:24}}@npm.acme.io/a.tgz",
    ),
    (
        "yarn lock",
        "yarn.lock",
        "  resolved \"§\"",
        "https://registry.yarnpkg.com/js-tokens/-/js-tokens-4.0.0.tgz#{{hex:40}}",
        "https://ci:{{base62:24}}@npm.acme.io/a.tgz",
    ),
    (
        "pnpm lock",
        "pnpm-lock.yaml",
        "  /js-tokens@4.0.0: {resolution: §}",
        "{integrity: sha512-{{base64:86}}==}",
        "{tarball: 'https://ci:{{base62:24}}@npm.acme.io/a.tgz'}",
    ),
    (
        "Cargo lock",
        "Cargo.lock",
        "checksum = \"§\"",
        "{{hex:64}}",
        "x\"\nsource = \"registry+https://ci:{{base62:24}}@crates.acme.io/index",
    ),
    (
        "Poetry lock",
        "poetry.lock",
        "    {file = \"secretstorage-3.3.3-py3-none-any.whl\", hash = \"§\"},",
        "sha256:{{hex:64}}",
        "x\"},\nurl = \"https://ci:{{base62:24}}@pypi.acme.io/simple",
    ),
    ("Pipfile lock", "Pipfile.lock", "    \"url\": \"§\"", "https://pypi.org/simple", "https://ci:{{base62:24}}@pypi.acme.io/simple"),
    (
        "go.sum, named",
        "go.sum",
        "software.sslmate.com/src/pkcs12 v0.7.3 h1:§=",
        "{{base64:43}}",
        "x https://ci:{{base62:24}}@git.acme.io/x",
    ),
    ("go.sum", "go.sum", "github.com/acme/token v1.0.0 h1:§", "{{base64:43}}=", "x https://ci:{{base62:24}}@git.acme.io/x"),
    ("Composer lock", "composer.lock", "    \"reference\": \"§\"", "{{hex:40}}", "x\", \"url\": \"https://ci:{{base62:24}}@git.acme.io/x"),
    (
        "Deno lock",
        "deno.lock",
        "    \"https://deno.land/x/secret_key.ts\": \"§\"",
        "{{hex:64}}",
        "x\", \"y\": \"https://ci:{{base62:24}}@git.acme.io/x",
    ),
    (
        "digests of files",
        "sums.json",
        "    \"src/token.py\": \"§\"",
        "{{hex:64}}",
        "x\", \"token\": \"{{base62:17}}{{digits:3}}{{base62:17}}",
    ),
    ("digests of keys", "sums.yml", "src/private-key.c: §", "{{hex:64}}", "x\nprivate-key: {{hex:64}}"),
    (
        "names of built files",
        "manifest.json",
        "    \"password.js\": \"§\"",
        "password-{{hex:64}}.js",
        "x\", \"password\": \"{{base62:17}}{{digits:3}}{{base62:17}}",
    ),
    ("checksums of a chart", "deploy.yml", "    checksum/private-key: §", "{{hex:64}}", "x\n    private-key: {{hex:64}}"),
    (
        "Terraform lock",
        ".terraform.lock.hcl",
        "    \"§\",",
        "h1:{{base64:43}}=",
        "x\"\n  api_token = \"{{base62:17}}{{digits:3}}{{base62:17}}",
    ),
    (
        "digest of an image",
        "app.yaml",
        "  image: acme/token@§",
        "sha256:{{hex:64}}",
        "x\n  api_token: {{base62:17}}{{digits:3}}{{base62:17}}",
    ),
    ("digest with a key's name", "app.yml", "  key: §", "sha256:{{hex:64}}", BARE),
    ("checksum", "app.yml", "  token_sha256: §", "{{hex:64}}", "x\n  api_token: {{base62:17}}{{digits:3}}{{base62:17}}"),
    ("hash of a password", "app.yml", "  password_hash: §", "{{hex:64}}", "x\n  api_token: {{base62:17}}{{digits:3}}{{base62:17}}"),
    ("git id", "app.yml", "  commit: §", "{{hex:40}}", "x\n  api_token: {{base62:17}}{{digits:3}}{{base62:17}}"),
    (
        "public key, SSH",
        "keys.pub",
        "§ ada@acme",
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI{{base64:43}}",
        "api_token={{base62:17}}{{digits:3}}{{base62:17}}",
    ),
    ("public key, two words", "README.md", "Public key: §", "{{hex:128}}", "x\nPrivate key: {{hex:64}}"),
    (
        "public key, DER",
        "app.yml",
        "  verify_key: §",
        "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA{{base64:348}}",
        "{{der:RSA PRIVATE KEY}}",
    ),
    ("certificate, DER", "app.yml", "  saml_secret_cert: §", "MIIDVTCCAj2gAwIBAgIJ{{base64:600}}", "{{der:PRIVATE KEY}}"),
    ("key id of OpenPGP", "apt.yml", "  ppa_key: '§'", "E1{{hex:6}}", "{{base62:17}}{{digits:3}}{{base62:17}}"),
    ("public key, name", "app.yml", "  public_key: §", "{{base64:43}}=", "x\n  api_token: {{base62:17}}{{digits:3}}{{base62:17}}"),
    (
        "public key, PEM",
        "key.pem",
        "§",
        "-----BEGIN PUBLIC KEY-----\n{{base64:64}}\n{{base64:60}}\n-----END PUBLIC KEY-----",
        "{{pem:RSA PRIVATE KEY}}",
    ),
    (
        "certificate",
        "cert.pem",
        "§",
        "-----BEGIN CERTIFICATE-----\n{{base64:64}}\n{{base64:64}}\n-----END CERTIFICATE-----",
        "{{pem:RSA PRIVATE KEY}}",
    ),
    (
        "certificate request",
        "cert.pem",
        "§",
        "-----BEGIN CERTIFICATE REQUEST-----\n{{base64:64}}\n-----END CERTIFICATE REQUEST-----",
        "{{pem:RSA PRIVATE KEY}}",
    ),
    (
        "kubeconfig, certificate",
        "kube.yaml",
        "    certificate-authority-data: §",
        "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0t{{base64:60}}",
        "x\n    token: {{base62:17}}{{digits:3}}{{base62:17}}",
    ),
    (
        "CSS",
        "app.css",
        ".token§",
        "-key:before{content:\"\\f084\";color:#a1b2c3}",
        "{--api-token:\"{{base62:17}}{{digits:3}}{{base62:17}}\"}",
    ),
    (
        "SVG",
        "icon.svg",
        "<path id=\"key\" d=\"§\"/>",
        "M512 176.001C512 273.203 433.202 352 336 352c-11.22 0-22.19-1.06-32.83-3.07l-24.01 27.01",
        "x\" data-token=\"{{base62:17}}{{digits:3}}{{base62:17}}",
    ),
    (
        "minified code",
        "app.min.js",
        "var a=1;§;b()",
        "function n(e,t){return e.key===t.key&&e.token==void 0}",
        "var c={apiToken:\"{{base62:17}}{{digits:3}}{{base62:17}}\"}",
    ),
    ("translation, English", "locales/en.json", "  \"password\": \"§\"", "Enter your new password", "{{base62:17}}{{digits:3}}"),
    ("translation, German", "locales/de.json", "  \"password\": \"§\"", "Kennwort eingeben", "{{base62:17}}{{digits:3}}"),
    ("translation, French", "i18n/fr.properties", "login.password=§", "Mot de passe", "{{base62:17}}{{digits:3}}"),
    ("translation, Russian", "i18n/ru.yml", "  password: §", "Пароль", "{{base62:17}}{{digits:3}}"),
    (
        "translation, gettext",
        "po/de.po",
        "msgid \"Password\"\nmsgstr \"§\"",
        "Kennwort",
        "x\"\n#: api_token=\"{{base62:17}}{{digits:3}}{{base62:17}}",
    ),
    ("primary key", "schema.yml", "  primary_key: §", "{{hex:32}}", "x\n  api_token: {{base62:17}}{{digits:3}}{{base62:17}}"),
    ("cache key", "app.yml", "  cache_key: §", "{{hex:32}}", "x\n  api_token: {{base62:17}}{{digits:3}}{{base62:17}}"),
    (
        "CSRF token",
        "page.html",
        "<meta name=\"csrf-token\" content=\"§\">",
        "{{base64:43}}=",
        "x\" data-api-token=\"{{base62:17}}{{digits:3}}{{base62:17}}",
    ),
];

/// What needs more to be believed: reported at low confidence at most.
const GRADED: &[Row] = &[
    ("UUID without strong context", "app.yml", "  key: §", "{{uuid}}", BARE),
    ("URL of a sample", "setup.md", "postgres://§.acme.io/db", "user:password@db", "app:{{base62:20}}@db"),
    ("documentation", "docs/setup.md", "API_TOKEN=§", BARE, "{{base62:17}}{{digits:3}}\n{{pem:RSA PRIVATE KEY}}"),
    (
        "test vector named as such",
        "tests/vectors/hmac.json",
        "  \"key\": \"§\"",
        "{{hex:40}}",
        "{{base62:17}}\", \"token\": \"ghp_{{base62:30}}{{crc32_base62:6}}",
    ),
];

/// The kinds, as README names them under "How it decides".
const KINDS: &[(&str, &[Row])] = &[
    ("pipelines", CI),
    ("templates", TEMPLATES),
    ("secret managers", STORES),
    ("ciphertext and password hashes", ENCRYPTED),
    ("look-ups", ENVIRONMENT),
    ("code", CODE),
    ("placeholders", PLACEHOLDERS),
    ("values that everybody may see", PUBLIC),
    ("graded, not hidden", GRADED),
];

/// Scans every row of every kind, each in a folder of its own under `right` or `literal`.
fn scanned(confidence: &str, kinds: impl Fn(&str) -> bool) -> (Ran, Vec<String>) {
    let tree = Tree::new();
    let mut names = Vec::new();
    for (kind, rows) in KINDS.iter().filter(|(kind, _)| kinds(kind)) {
        for (i, (_, path, line, value, literal)) in rows.iter().enumerate() {
            let name = format!("{}-{i:02}", kind.replace([' ', ','], "-"));
            let fill = |side: &str, value: &str| {
                // A template's own braces are filled in only where a value is one of ours.
                let value = if KNOWN.iter().any(|k| value.contains(k)) { filled(value, &name) } else { value.to_owned() };
                tree.write(format!("{name}/{side}/{path}"), format!("{}\n", line.replace('§', &value)));
            };
            fill("right", value);
            fill("literal", literal);
            names.push(name);
        }
    }
    (tree.rows(&format!("--no-ignore -c {confidence}")), names)
}

/// Templates of ours that rows use.
const KNOWN: [&str; 14] = [
    "{{base62:",
    "{{digits:",
    "{{base64:",
    "{{base32:",
    "{{hex:",
    "{{uuid}}",
    "{{pem:",
    "{{der:",
    "{{jwt}}",
    "{{basic}}",
    "{{aws_key_id}}",
    "{{crc32",
    "{{any:",
    "{{token_crc32",
];

/// The row of that name, for messages.
fn told(name: &str) -> String {
    let (kind, i) = name.rsplit_once('-').unwrap();
    let rows = KINDS.iter().find(|(k, _)| k.replace([' ', ','], "-") == kind).unwrap().1;
    let (tool, path, line, value, _) = rows[i.parse::<usize>().unwrap()];
    format!("{kind}: {tool}: {path}: {}", line.replace('§', value))
}

fn listed(what: &str, names: impl Iterator<Item = String>) -> String {
    names.map(|name| format!("{what}: {}\n", told(&name))).collect()
}

#[test]
fn the_right_way_is_never_flagged_and_a_literal_in_its_place_is() {
    let mut wrong = String::new();
    for (confidence, graded) in [("low", false), ("medium", true)] {
        let (ran, _) = scanned(confidence, |kind| (kind == "graded, not hidden") == graded);
        let paths = ran.paths();
        let found: BTreeSet<&str> = paths.iter().filter_map(|p| p.split_once("/right/")).map(|(name, _)| name).collect();
        wrong += &listed("flagged", found.iter().map(|n| (*n).to_owned()));
    }
    let (ran, names) = scanned("medium", |_| true);
    let paths = ran.paths();
    let found: BTreeSet<&str> = paths.iter().filter_map(|p| p.split_once("/literal/")).map(|(name, _)| name).collect();
    wrong += &listed("a literal is not found in", names.into_iter().filter(|n| !found.contains(n.as_str())));
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn readme_names_every_kind() {
    let readme = include_str!("../../README.md");
    for (kind, rows) in KINDS {
        assert!(readme.contains(&format!("- **{kind}**")), "README does not list {kind} ({} rows)", rows.len());
    }
}

#[test]
fn a_plain_value_among_encrypted_ones_is_found() {
    let encrypted = "ENC[AES256_GCM,data:{{base64:16}},iv:{{base64:43}}=,tag:{{base64:22}}==,type:str]";
    let file = format!(
        "db_password: {encrypted}\napi_token_unencrypted: {BARE}\nsmtp_password: {encrypted}\nsops:\n    kms: []\n    age:\n        - recipient: age1qqq\n          \
         enc: |\n            -----BEGIN AGE ENCRYPTED FILE-----\n            {{{{base64:64}}}}\n            -----END AGE ENCRYPTED FILE-----\n    \
         lastmodified: \"2026-01-01T00:00:00Z\"\n    mac: {encrypted}\n    version: 3.9.0\n"
    );
    let ran = Tree::new().file("secrets.enc.yaml", filled(&file, "sops")).rows("-c low");
    assert_eq!(ran.places(), ["generic-token secrets.enc.yaml:2:24"]);
}

#[test]
fn a_lock_file_hides_digests_and_no_credentials() {
    let file = "{\n  \"resolved\": \"https://ci:{{base62:24}}@npm.acme.io/a.tgz\",\n  \"integrity\": \"sha512-{{base64:86}}==\",\n  \"token\": \"{{hex:40}}\"\n}\n";
    let ran = Tree::new().file("package-lock.json", filled(file, "lock")).rows("-c low");
    assert_eq!(ran.places(), ["http-url-password package-lock.json:2:27"]);
}
