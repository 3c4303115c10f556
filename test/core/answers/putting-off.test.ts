import { describe, expect, it } from 'vitest';
import { parseAnswer } from '../../../src/core/answers/grammar.ts';
import { REQUEST } from './notes-table.ts';

const read = (words: string, verb = 'approve') => parseAnswer(`${verb} E1B44 ${words}`, REQUEST);

/** So many, what is beside and below each other. */
const each = (words: string) => words.trim().split(/ \| |\n\s*/u);

describe('an approval that is put off, or that is to end, is asked back', () => {
  it.each(
    each(`
    at 5pm | soon | , in an hour | 5pm | 17:00 | 17h30 | à 17h | um 17 Uhr | ab morgen | at 5 | at five | from 5pm
    after lunch | over lunch | tonight | Friday | 2026-11-28 | 28 Nov | on 28.11. | on the 28th | for an hour
    for 2h | 2h | 2 hours | +30min | in two hours | in a couple of minutes | in half an hour | in ~10 min
    in 1h30 | in 5 | in a bit | give it 10 minutes | dans une heure | in einer Stunde | in fünf Minuten
    en una hora | em duas horas | mañana | amanhã | später | dès que Robin est là | s'il est là | si Robin está
    esta noche | ce soir | heute Abend | erst fragen | during the window | while Robin is there | this afternoon
    in the morning | end of day | at shift change | needed at 5pm | restarts planned at 5pm
    pods will be restarted at 5pm | to be deployed at 14:02 | get it deployed at 14:02 | half past five
    quarter to six | 1700 UTC | read the runbook first | would be wrong | next shift | an hour from now | @noon
    @5pm | at 17.30 | 5 p.m. | around 5 | for today | till 5 | up to 2 hours | not before 5 | ½ hour | in ½ hour
    s o o n | sоon | bientôt | a las 5 | às 17 | pour 2 heures | für 2 Stunden | within the hour | within an hour
    5 minutes | effective 6pm | starting Monday | 🕔 | :soon: | sunday | sun | tmrw | whenever
    at 1700 | at 0900 tomorrow | by 5 | at 5 my time | in three | in the next hour | in 24h | give me 5
    another hour | max 1h | checkout is down, 5pm | checkout down 5pm | checkout down tonight | any time past 5pm
    hier 17 Uhr | errors from 5 | waiting for 10 minutes | effective immediately after the freeze | as of 18:00
    18h00 | by EOD | within business hours | during business hours | outside business hours
    at the top of the hour | on Robin's go | on my mark | on my signal | at my signal | wenn Robin da ist
    sobald möglich | ab 17:00 | heute um 5 | morgen früh | nächste Schicht | für eine Stunde | bis 18 Uhr
    maximal 1 Stunde | höchstens eine Stunde | längstens bis morgen | à condition que | pendant 1h | jusqu'à 18h
    dans 5 min | lundi prochain | tout à l'heure | la semaine prochaine | el lunes | en 10 minutos
    a partir de las 5 | la próxima semana | hoy a las 17 | más adelante | na segunda | daqui a pouco | às 17h
    semana que vem | hasta mañana | once I'm at my desk | I'll confirm | to be confirmed | tbc | tbd | wip
    on hold | in principle | subject-to review | pending review | awaiting Robin's ok | needs Robin's ok
    given Robin agrees | provided Robin agrees | so long as Robin agrees | granted Robin agrees
    contingent on Robin | Robin has to agree | ask Robin first please | check with Robin first, thanks
    with Robin's consent | 1 hour max | 60min | 60m | ttl 1h | ttl=1h | expires 18:00 | exp 18:00 | valid 1h
    duration 1h | (1h) | - 1h | [30 minutes] | one hour | an hour | half a day | a couple hours | short term
    temporarily | time-boxed 1h | limited time | limited to read | read-only | readonly | just this once
    this time | one-off | 5ish | fiveish | 5'ish | @ 5 | ~5pm | 17.00 | 1700 | 17 | 5 | at seventeen hundred | T-5
    T+10 | h+1 | in the evening | mid-afternoon | first thing tomorrow | first thing | asap but not now | next
    second | last | Christmas | new year | Q1 | sprint 12 | this sprint | start Monday | begin 5pm | then 5pm
    right after standup | post-standup | post deploy | pre-deploy | following the deploy | upon deploy
    directly after | as agreed tomorrow | snooze 10m | remind me in 5 | schedule 17:00 | delay 10m | countdown 5
    eta 5pm | etd 10 min | brb | gimme a sec | give me a sec | just a sec | one sec | sec | moment | moment please
    momentito | sekunde | einen Moment | gleich | warte kurz | attends | espera
    `),
  )('%s', (words) => {
    expect(read(words).takenBackBy).toBeDefined();
    expect(read(words, 'deny')).not.toHaveProperty('takenBackBy');
  });
});

describe('a reason that speaks of what was, or of how much, puts nothing off', () => {
  it.each(
    each(`
    disk full since 5pm | deploy failed at 14:02 | it failed twice in this hour, in 3 of 4 zones
    since Monday checkout fails | she is on call now | alert fired at 3am | alert at 14:02
    errors since 14:02 UTC | checkout down since this morning | failing for 30 min | 5 minutes ago it crashed
    crashed 3h ago | deployed at 14:02 and fails | 10 pods restarting | 5xx on 3 nodes | latency at 95%
    10.0.0.5:9090 unreachable | on call, see OPS-12 | rollback of v1.14.2 | yesterday at 5pm it broke
    at 5pm yesterday it broke | in the last hour 3 outages | 5 outages, 3 settings | she may restart it
    she should see the logs | last 24h are red | second time | she has been waiting for 10 minutes | ok for now
    asap | now | immediately | today | as discussed | thanks for helping on this | rollback in progress
    database in the second region | the rest is fine | migrations run, alters fine | 500 μs latency
    crashed at midnight | failed during deploy | seit 17 Uhr kaputt | en panne depuis 17h | failed at 5
    looks good to me | she needs to restart pods | SEV1 INC-4411 customers affected | for the incident
    for checkout | helps me with the database, thanks! | he's my backup today | go ahead | disk at 97% on db-3
    to fix the queue | Taylor here, all good | checkout down (5pm) | it failed this morning | alerts @ 5pm
    ab sofort | 30 min of downtime already | SEV1 | P1 | #4411 | INC-4411 | last deploy broke it
    5 of 7 nodes down | needs a restart | the first node is down | cert expired | lag is 3h behind
    known on-call, on the bridge
    `),
  )('%s', (words) => {
    expect(read(words)).toMatchObject({ propose: 'approved', codeIsRight: true });
    expect(read(words)).not.toHaveProperty('takenBackBy');
    expect(read(words)).not.toHaveProperty('unclear');
  });
});

it('what is to come is found behind what was, and on other lines', () => {
  expect(read('she helps me\nstart 17:00').takenBackBy).toBe('17:00');
  expect(read('deploy failed at 14:02, she begins at 17:00').takenBackBy).toBe('17:00');
  expect(read(`failed at 14:02 ${'and then '.repeat(40)} 17:00`).takenBackBy).toBe('17:00');
});

it('long notes of nothing but times are read in no time', () => {
  for (const words of ['5 ', 'since 5pm ', '1-1-', 'a ', 'in an ', '1111', 'a    ', '5/5.'])
    expect(read(words.repeat(5_000)).propose).toBe('approved');
});
