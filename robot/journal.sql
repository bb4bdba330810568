-- What the journal asks of its database, each request under its name. SQLite and PostgreSQL understand all of it.
-- Instants are ISO 8601 text in UTC; an absent text is '' where it belongs to a key or an owner, NULL elsewhere.

-- name: migration-1
-- First shape: runs with their steps and notices, deposits, evidence.
CREATE TABLE run (
    run TEXT PRIMARY KEY,
    journey TEXT NOT NULL,
    goal TEXT NOT NULL,
    portal TEXT NOT NULL,
    invoice TEXT NOT NULL,
    browser TEXT NOT NULL,
    robot TEXT NOT NULL,
    folder TEXT,
    pid INTEGER NOT NULL,
    host TEXT NOT NULL,
    started TEXT NOT NULL,
    ended TEXT,
    outcome TEXT,
    exit_code INTEGER,
    message TEXT
);
CREATE TABLE step (
    run TEXT NOT NULL REFERENCES run (run),
    number INTEGER NOT NULL,
    started TEXT NOT NULL,
    screen TEXT NOT NULL,
    line TEXT NOT NULL,
    say TEXT NOT NULL,
    effect TEXT NOT NULL,
    source TEXT NOT NULL,
    ended TEXT,
    seconds DOUBLE PRECISION,
    element TEXT,
    way TEXT,
    label TEXT,
    value TEXT,
    skipped TEXT,
    PRIMARY KEY (run, number, started)
);
CREATE TABLE notice (
    run TEXT NOT NULL REFERENCES run (run),
    noticed TEXT NOT NULL,
    screen TEXT NOT NULL,
    message TEXT NOT NULL
);
CREATE TABLE evidence (
    run TEXT NOT NULL REFERENCES run (run),
    path TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    kind TEXT NOT NULL,
    PRIMARY KEY (path)
);
CREATE TABLE deposit (
    portal TEXT NOT NULL,
    supplier TEXT NOT NULL,
    number TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN
        ('prepared', 'filling', 'draft', 'confirming', 'deposited', 'certified', 'refused', 'unknown')),
    recipient TEXT NOT NULL,
    service TEXT NOT NULL,
    content TEXT NOT NULL,
    digest TEXT,
    certificate TEXT,
    certificate_sha256 TEXT,
    why TEXT NOT NULL,
    run TEXT NOT NULL,
    created TEXT NOT NULL,
    updated TEXT NOT NULL,
    confirming_at TEXT,
    deposited_at TEXT,
    certified_at TEXT,
    owner_run TEXT NOT NULL DEFAULT '',
    owner_pid INTEGER,
    owner_host TEXT,
    owner_since TEXT,
    PRIMARY KEY (portal, supplier, number)
);

-- name: create-version
-- The table that tells which migrations are done.
CREATE TABLE IF NOT EXISTS migration (number INTEGER PRIMARY KEY, done TEXT NOT NULL);

-- name: get-version
-- Number of the last migration done; 0 for a new journal.
SELECT COALESCE(MAX(number), 0) FROM migration;

-- name: add-version
-- One more migration is done.
INSERT INTO migration (number, done) VALUES (:number, :at);

-- name: get-deposit
-- Everything about one invoice on one portal.
SELECT * FROM deposit WHERE portal = :portal AND supplier = :supplier AND number = :number;

-- name: add-deposit
-- A new invoice, unless it is known already.
INSERT INTO deposit (portal, supplier, number, state, recipient, service, content, why, run, created, updated)
VALUES (:portal, :supplier, :number, 'prepared', :recipient, :service, :content, '', :run, :at, :at)
ON CONFLICT (portal, supplier, number) DO NOTHING;

-- name: take-deposit
-- A run becomes the owner, if the owner seen before is still the same (one row changed = won).
UPDATE deposit SET owner_run = :run, owner_pid = :pid, owner_host = :host, owner_since = :at
WHERE portal = :portal AND supplier = :supplier AND number = :number AND owner_run = :seen;

-- name: change-content
-- The invoice was corrected before anything was sent.
UPDATE deposit SET recipient = :recipient, service = :service, content = :content, updated = :at
WHERE portal = :portal AND supplier = :supplier AND number = :number;

-- name: leave-deposit
-- The owner gives the invoice back.
UPDATE deposit SET owner_run = '', owner_pid = NULL, owner_host = NULL, owner_since = NULL
WHERE portal = :portal AND supplier = :supplier AND number = :number AND owner_run = :run;

-- name: advance-deposit
-- The owner moves the invoice from the state it read to the next (one row changed = done).
UPDATE deposit SET
    state = :state, why = :why, run = :run, updated = :at,
    digest = COALESCE(:digest, digest),
    certificate = COALESCE(:certificate, certificate),
    certificate_sha256 = COALESCE(:certificate_sha256, certificate_sha256),
    confirming_at = CASE WHEN :state = 'confirming' THEN :at ELSE confirming_at END,
    deposited_at = CASE WHEN :state IN ('deposited', 'certified') THEN COALESCE(deposited_at, :at)
        ELSE deposited_at END,
    certified_at = CASE WHEN :state = 'certified' THEN :at ELSE certified_at END
WHERE portal = :portal AND supplier = :supplier AND number = :number AND owner_run = :run AND state = :before;

-- name: add-run
-- A run begins.
INSERT INTO run (run, journey, goal, portal, invoice, browser, robot, folder, pid, host, started)
VALUES (:run, :journey, :goal, :portal, :invoice, :browser, :robot, :folder, :pid, :host, :at);

-- name: end-run
-- A run is over.
UPDATE run SET ended = :at, outcome = :outcome, exit_code = :exit_code, message = :message WHERE run = :run;

-- name: find-runs
-- Runs whose name begins so, newest first; all of them for ''.
SELECT * FROM run WHERE SUBSTR(run, 1, LENGTH(:start)) = :start ORDER BY started DESC, run DESC;

-- name: add-step
-- A step begins.
INSERT INTO step (run, number, started, screen, line, say, effect, source)
VALUES (:run, :number, :at, :screen, :line, :say, :effect, :source);

-- name: end-step
-- A step ended well, or was not needed.
UPDATE step SET ended = :at, seconds = :seconds, element = :element, way = :way, label = :label,
    value = :value, skipped = :skipped
WHERE run = :run AND number = :number AND ended IS NULL;

-- name: get-steps
-- The steps of a run, in order.
SELECT * FROM step WHERE run = :run ORDER BY started, number;

-- name: add-notice
-- Something the person should know.
INSERT INTO notice (run, noticed, screen, message) VALUES (:run, :at, :screen, :message);

-- name: keep-evidence
-- A file that proves something, with its hash; the newest hash wins.
INSERT INTO evidence (run, path, sha256, kind) VALUES (:run, :path, :sha256, :kind)
ON CONFLICT (path) DO UPDATE SET run = excluded.run, sha256 = excluded.sha256, kind = excluded.kind;

-- name: get-evidence
-- The hash noted for a file.
SELECT sha256 FROM evidence WHERE path = :path;

-- name: migration-2
-- Passwords tried, accounts asked for, structures asked for.
CREATE TABLE password (
    run TEXT NOT NULL,
    portal TEXT NOT NULL,
    email TEXT NOT NULL,
    at TEXT NOT NULL,
    answer TEXT NOT NULL CHECK (answer IN ('awaited', 'accepted', 'refused')),
    PRIMARY KEY (run, at)
);
CREATE TABLE account (
    portal TEXT NOT NULL,
    email TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('confirming', 'requested', 'activated')),
    mark TEXT,
    run TEXT NOT NULL,
    at TEXT NOT NULL,
    PRIMARY KEY (portal, email)
);

-- name: count-passwords
-- Passwords of an account not known to be accepted, since an instant and since the last one that was; oldest first.
SELECT at FROM password
WHERE portal = :portal AND email = :email AND answer <> 'accepted' AND at > :since
    AND at > COALESCE((SELECT MAX(at) FROM password
        WHERE portal = :portal AND email = :email AND answer = 'accepted'), '')
ORDER BY at;

-- name: add-password
-- A password is about to be typed.
INSERT INTO password (run, portal, email, at, answer) VALUES (:run, :portal, :email, :at, 'awaited');

-- name: answer-password
-- What the portal said of it.
UPDATE password SET answer = :answer WHERE run = :run AND answer = 'awaited';

-- name: get-account
-- Where the request of an account stands.
SELECT * FROM account WHERE portal = :portal AND email = :email;

-- name: note-account
-- The request of an account moves on.
INSERT INTO account (portal, email, state, mark, run, at) VALUES (:portal, :email, :state, :mark, :run, :at)
ON CONFLICT (portal, email) DO UPDATE SET
    state = excluded.state, mark = COALESCE(excluded.mark, account.mark), run = excluded.run, at = excluded.at;

-- name: migration-3
-- Every change of state with its instant; what a person asked for, so that it can be asked again.
CREATE TABLE passage (
    portal TEXT NOT NULL,
    supplier TEXT NOT NULL,
    number TEXT NOT NULL,
    rank INTEGER NOT NULL,
    state TEXT NOT NULL,
    at TEXT NOT NULL,
    run TEXT NOT NULL,
    why TEXT NOT NULL,
    PRIMARY KEY (portal, supplier, number, rank)
);
INSERT INTO passage SELECT portal, supplier, number, 1, 'prepared', created, '', '' FROM deposit;
INSERT INTO passage SELECT portal, supplier, number, 2, 'confirming', confirming_at, '', '' FROM deposit
WHERE confirming_at IS NOT NULL AND state <> 'confirming';
INSERT INTO passage SELECT portal, supplier, number, 3, 'deposited', deposited_at, '', '' FROM deposit
WHERE deposited_at IS NOT NULL AND state <> 'deposited';
INSERT INTO passage SELECT portal, supplier, number, 4, state, updated, run, why FROM deposit
WHERE state <> 'prepared' OR confirming_at IS NOT NULL;
CREATE TABLE mandate (
    run TEXT PRIMARY KEY,
    portal TEXT NOT NULL,
    supplier TEXT NOT NULL,
    number TEXT NOT NULL,
    at TEXT NOT NULL,
    host TEXT NOT NULL,
    source TEXT NOT NULL,
    goal TEXT NOT NULL,
    place TEXT NOT NULL,
    config TEXT NOT NULL,
    dossiers TEXT NOT NULL
);
CREATE INDEX mandate_invoice ON mandate (portal, supplier, number);
CREATE INDEX notice_run ON notice (run);
CREATE INDEX evidence_run ON evidence (run);

-- name: add-passage
-- An invoice enters a state.
INSERT INTO passage (portal, supplier, number, rank, state, at, run, why)
SELECT :portal, :supplier, :number, COALESCE(MAX(rank), 0) + 1, :state, :at, :run, :why FROM passage
WHERE portal = :portal AND supplier = :supplier AND number = :number;

-- name: get-passages
-- The states of an invoice, in order.
SELECT * FROM passage WHERE portal = :portal AND supplier = :supplier AND number = :number ORDER BY rank;

-- name: add-mandate
-- What was asked for when a run took an invoice.
INSERT INTO mandate (run, portal, supplier, number, at, host, source, goal, place, config, dossiers)
VALUES (:run, :portal, :supplier, :number, :at, :host, :source, :goal, :place, :config, :dossiers);

-- name: find-mandates
-- What was asked for, oldest first.
SELECT * FROM mandate ORDER BY at, run;

-- name: find-deposits
-- All invoices, the last to change first.
SELECT * FROM deposit ORDER BY updated DESC, portal, supplier, number;

-- name: get-notices
-- What a run had to say, in order.
SELECT * FROM notice WHERE run = :run ORDER BY noticed;

-- name: get-run-evidence
-- The files that a run kept.
SELECT * FROM evidence WHERE run = :run ORDER BY path;

-- name: find-accounts
-- The accounts asked for.
SELECT * FROM account ORDER BY portal, email;

-- name: migration-4
-- What a person answered about a file, by its hash; what the file of an invoice said beyond the invoice.
CREATE TABLE answer (
    file TEXT NOT NULL,
    subject TEXT NOT NULL,
    value TEXT NOT NULL,
    at TEXT NOT NULL,
    PRIMARY KEY (file, subject)
);
CREATE TABLE paper (
    portal TEXT NOT NULL,
    supplier TEXT NOT NULL,
    number TEXT NOT NULL,
    month TEXT NOT NULL,
    iban TEXT NOT NULL,
    at TEXT NOT NULL,
    PRIMARY KEY (portal, supplier, number)
);

-- name: find-answers
-- What was answered about a file.
SELECT subject, value, at FROM answer WHERE file = :file ORDER BY subject;

-- name: keep-answer
-- A person answers, or answers anew.
INSERT INTO answer (file, subject, value, at) VALUES (:file, :subject, :value, :at)
ON CONFLICT (file, subject) DO UPDATE SET value = excluded.value, at = excluded.at;

-- name: keep-paper
-- The paper that an invoice is about to be deposited from.
INSERT INTO paper (portal, supplier, number, month, iban, at) VALUES (:portal, :supplier, :number, :month, :iban, :at)
ON CONFLICT (portal, supplier, number) DO UPDATE SET month = excluded.month, iban = excluded.iban, at = excluded.at;

-- name: find-history
-- Every invoice of a supplier with its paper, the oldest first.
SELECT deposit.*, COALESCE(paper.month, '') AS month, COALESCE(paper.iban, '') AS iban,
    COALESCE((SELECT why FROM passage WHERE passage.portal = deposit.portal AND passage.supplier = deposit.supplier
        AND passage.number = deposit.number AND why <> '' ORDER BY rank DESC LIMIT 1), '') AS seen
FROM deposit LEFT JOIN paper ON paper.portal = deposit.portal AND paper.supplier = deposit.supplier
    AND paper.number = deposit.number
WHERE deposit.supplier = :supplier ORDER BY deposit.updated, deposit.portal, deposit.number;

-- name: migration-5
-- What became of each line of the tutorial on a portal, check after check.
CREATE TABLE verdict (
    portal TEXT NOT NULL,
    line TEXT NOT NULL,
    run TEXT NOT NULL,
    holding TEXT NOT NULL,
    shown TEXT NOT NULL,
    at TEXT NOT NULL,
    PRIMARY KEY (portal, line, run)
);

-- name: find-verdicts
-- Every verdict given on a portal, the newest first.
SELECT line, run, holding, shown, at FROM verdict WHERE portal = :portal ORDER BY at DESC, run DESC, line;

-- name: keep-verdict
-- One line of a check.
INSERT INTO verdict (portal, line, run, holding, shown, at) VALUES (:portal, :line, :run, :holding, :shown, :at);
