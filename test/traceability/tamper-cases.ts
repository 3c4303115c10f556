import { decisionIdOf, digestOfContent } from '../../src/core/record/decision-identity.ts';
import { sha256 } from '../../src/ledger/rows.ts';
import { editEvent, rechain, type Change } from './tampering.ts';

/** Each gives what it did to the file; the words that must be said; the first bad entry, where one is named. */
export type Tampering = [what: string, change: Change, words: RegExp, firstBad?: number];

const REQUEST = "kind = 'decided'";

export const EDITS: Tampering[] = [
  [
    'the verdict of a decision',
    (db) =>
      editEvent(db, REQUEST, (event) => Object.assign(event['decision'] as object, { verdict: 'deny' })),
    /was changed, replaced, moved or put in/u,
    3,
  ],
  [
    'one letter of a reason',
    "UPDATE entry SET event = replace(event, 'checkout', 'checkoux') WHERE seq = 3",
    /entry 3 of .* does not carry the hash/u,
    3,
  ],
  ['the time of an entry', "UPDATE entry SET at = '2020-01-01T00:00:00.000Z' WHERE seq = 5", /entry 5/u, 5],
  ['a hash', `UPDATE entry SET hash = '${'a'.repeat(64)}' WHERE seq = 4`, /entry 4/u, 4],
  ['white space that JSON ignores', "UPDATE entry SET event = event || ' ' WHERE seq = 3", /entry 3/u, 3],
  ['the text into no JSON', "UPDATE entry SET event = '{' WHERE seq = 3", /cannot be read/u, 3],
  ['an entry into an empty one', "UPDATE entry SET event = 'null' WHERE seq = 3", /holds no event/u, 3],
  [
    'the column that requests are looked up by',
    "UPDATE entry SET request_id = 'nobody' WHERE seq = 2",
    /filed under requestId `nobody`/u,
    2,
  ],
  [
    'the column that keeps events from being written twice',
    'UPDATE entry SET once_key = NULL WHERE seq = 2',
    /filed under onceKey `nothing`/u,
    2,
  ],
  ['the column of kinds', "UPDATE entry SET kind = 'ended' WHERE seq = 3", /filed under kind `ended`/u, 3],
];

export const REMOVALS: Tampering[] = [
  ['the first entry', 'DELETE FROM entry WHERE seq = 1', /entry 1 is missing, and no checkpoint/u],
  ['the first three', 'DELETE FROM entry WHERE seq <= 3', /entries 1 to 3 are missing/u],
  ['one in the middle', 'DELETE FROM entry WHERE seq = 6', /entry 6 is missing/u],
  ['several in the middle', 'DELETE FROM entry WHERE seq BETWEEN 6 AND 9', /entries 6 to 9 are missing/u],
  [
    'one in the middle, the others moved up',
    (db) => {
      db.exec('DELETE FROM entry WHERE seq = 6');
      db.exec('UPDATE entry SET seq = -seq WHERE seq > 6');
      db.exec('UPDATE entry SET seq = -seq - 1 WHERE seq < 0');
    },
    /entry 6/u,
    6,
  ],
  [
    'a whole request, the chain made anew',
    (db) => {
      db.exec('DELETE FROM entry WHERE request_id = (SELECT request_id FROM entry WHERE seq = 2)');
      rechain(db, 3);
    },
    /missing/u,
  ],
];

export const MOVES: Tampering[] = [
  [
    'two neighbours exchanged',
    (db) => {
      db.exec('UPDATE entry SET seq = -1 WHERE seq = 6');
      db.exec('UPDATE entry SET seq = 6 WHERE seq = 7');
      db.exec('UPDATE entry SET seq = 7 WHERE seq = -1');
    },
    /entry 6/u,
    6,
  ],
  [
    'the texts of two entries exchanged',
    `UPDATE entry SET event = (SELECT event FROM entry AS e WHERE e.seq = 9 - entry.seq) WHERE seq IN (4, 5)`,
    /entry 4/u,
    4,
  ],
  [
    'an entry moved to the end',
    'UPDATE entry SET seq = (SELECT max(seq) + 1 FROM entry) WHERE seq = 8',
    /entry 8 is missing/u,
  ],
  [
    'an effect before its intention, the chain made anew',
    (db) => {
      const order = db.prepare("SELECT seq FROM entry WHERE kind = 'effect-done' ORDER BY seq LIMIT 1").get();
      const done = Number(order?.['seq']);
      db.exec(`UPDATE entry SET seq = -1 WHERE seq = ${done}`);
      db.exec(`UPDATE entry SET seq = ${done} WHERE seq = ${done - 1}`);
      db.exec(`UPDATE entry SET seq = ${done - 1} WHERE seq = -1`);
      rechain(db, 1);
    },
    /is done without having been intended/u,
  ],
];

export const INSERTIONS: Tampering[] = [
  [
    'a copy of an entry at the end',
    (db) =>
      db.exec(
        `INSERT INTO entry SELECT max(seq) + 1, at, kind, request_id, NULL, event, hash, NULL FROM entry WHERE kind = 'effect-done'`,
      ),
    /does not carry the hash/u,
  ],
  [
    'a copy of an entry at the end, with the right hash',
    (db) => {
      db.exec(
        `INSERT INTO entry SELECT (SELECT max(seq) + 1 FROM entry), at, kind, request_id, NULL, event, hash, NULL FROM entry WHERE seq = 3`,
      );
      rechain(db, 1);
    },
    /filed under onceKey `nothing`|a second time/u,
  ],
  [
    'an approval that nobody decided, with the right hash',
    (db) => {
      const last = db.prepare('SELECT max(seq) AS last FROM entry').get();
      const event = JSON.stringify({
        kind: 'effect-done',
        requestId: 'never-asked',
        key: 'review',
        outcome: { summary: 'the request is approved', ours: true, incidentId: null, url: null },
      });
      db.prepare('INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?, NULL)').run(
        Number(last?.['last']) + 1,
        '2099-01-01T00:00:00.000Z',
        'effect-done',
        'never-asked',
        'done never-asked review',
        event,
        '',
      );
      rechain(db, 1);
    },
    /never-asked is out of order: review is done without having been intended/u,
  ],
  [
    'an entry before the first',
    (db) =>
      db.exec('INSERT INTO entry SELECT 0, at, kind, NULL, NULL, event, hash, NULL FROM entry WHERE seq = 1'),
    /entry 0/u,
    0,
  ],
];

/** Who can make the chain anew is caught by what it is made of. */
export const FORGERIES: Tampering[] = [
  [
    'a verdict, digest and chain made anew',
    (db) => {
      editEvent(db, REQUEST, (event) => {
        Object.assign(event['decision'] as object, { verdict: 'deny' });
        redigest(event);
      });
      rechain(db, 2);
    },
    /says deny, its facts and rules give escalate/u,
    3,
  ],
  [
    'the facts under a decision, digest and chain made anew',
    (db) => {
      editEvent(db, `${REQUEST} AND event LIKE '%is not on call%'`, (event) => {
        Object.assign(event['decision'] as object, { verdict: 'approve' });
        redigest(event);
      });
      rechain(db, 2);
    },
    /says approve, its facts and rules give escalate/u,
  ],
  [
    'the facts alone, chain made anew',
    (db) => {
      editEvent(db, REQUEST, (event) => Object.assign(event['facts'] as object, { reads: 99 }));
      rechain(db, 2);
    },
    /does not have the digest .* that it carries/u,
    3,
  ],
  [
    'the rules, chain made anew',
    (db) => {
      editEvent(db, "kind = 'policy'", (event) =>
        Object.assign(event['policy'] as object, { requireSso: false }),
      );
      rechain(db, 1);
    },
    /policy in entry 1 does not have the digest/u,
    1,
  ],
  [
    'the rules and their digest, chain made anew',
    (db) => {
      editEvent(db, "kind = 'policy'", (event) => {
        Object.assign(event['policy'] as object, { requireSso: false });
        event['digest'] = sha256(JSON.stringify(event['policy']));
      });
      db.exec("UPDATE entry SET once_key = 'policy ' || json_extract(event, '$.digest') WHERE seq = 1");
      rechain(db, 1);
    },
    /names policy .*, which the ledger does not hold/u,
    3,
  ],
  [
    'the id of a decision, digest and chain made anew',
    (db) => {
      editEvent(db, REQUEST, (event) => Object.assign(event, { decisionId: 'OA-0000000000' }));
      rechain(db, 2);
    },
    /ought to have the id OA-/u,
    3,
  ],
  [
    'an answer that did not count, chain made anew',
    (db) => {
      const seq = editEvent(db, "kind = 'answered'", (event) => {
        const answer = event['answer'] as { by: object };
        answer.by = { id: 'PNOBODY', name: 'Nobody', isUser: true };
      });
      rechain(db, seq);
    },
    /the answer of PNOBODY in entry \d+ counted; by its facts and the rules it is the other way round/u,
  ],
  [
    'a checkpoint over a beginning that was cut away',
    (db) => {
      const last = db.prepare('SELECT seq, at, hash FROM entry ORDER BY seq DESC LIMIT 1').get();
      const event = {
        kind: 'checkpoint',
        origin: 'f'.repeat(64),
        through: { seq: 5, at: '2026-01-01T00:00:00.000Z', hash: 'e'.repeat(64) },
        removed: { from: 1, entries: 5, decisions: 1 },
        before: '2026-01-01T00:00:00.000Z',
        policies: [],
      };
      db.prepare('INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?, NULL)').run(
        Number(last?.['seq']) + 1,
        String(last?.['at']),
        'checkpoint',
        null,
        'checkpoint 5',
        JSON.stringify(event),
        '',
      );
      rechain(db, Number(last?.['seq']) + 1);
      db.exec('DELETE FROM entry WHERE seq <= 5');
    },
    /entry 6/u,
    6,
  ],
];

function redigest(event: Record<string, unknown>): void {
  const named = new Set(['kind', 'requestId', 'number', 'decisionId', 'digest']);
  const content = Object.fromEntries(Object.entries(event).filter(([key]) => !named.has(key)));
  event['digest'] = digestOfContent(content, sha256);
  event['decisionId'] = decisionIdOf(String(event['requestId']), Number(event['number']), sha256);
}
