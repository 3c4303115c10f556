import { asksForTheSame } from '../access-request.ts';
import type { RecordedDecision } from '../record/ledger-entry.ts';
import type { Story } from '../record/story.ts';
import { elsewhereNote, mergedNote, replacedNote } from '../wording/notes.ts';
import { allPages, replacedPages, type AskingPage } from './asking-pages.ts';
import type { Effect } from '../record/effect.ts';
import { leftClosingKey, mergedKey, ofTeam, replacedClosingKey, replacedKey } from '../record/effect-keys.ts';
import { noteOn } from './note-on.ts';

/** Who looks for the page where it went is told. Comes last: it is for others to say whether we may write there. */
export function wordsWherePagesWent(story: Story, decided: RecordedDecision): readonly Effect[] {
  const pages = allPages(story);
  const own = pages.map(({ incident }) => incident.id);
  const joined = pages.flatMap((page) => (page.joined === null ? [] : [page.incident.id]));
  return [...story.pagesMerged].flatMap(([id, into]) =>
    into === null || own.includes(into) || joined.includes(id)
      ? []
      : [noteOn({ id: into }, mergedKey(id), mergedNote(decided), decided)],
  );
}

/** Closed, since what they show is asked for no more, or they reached nobody; answers on them are told so, or heard. */
export function onReplacedPages(story: Story, decided: RecordedDecision): readonly Effect[] {
  return replacedPages(story).flatMap((page) => [
    noteOn(
      page.incident,
      replacedKey(page.incident.id),
      asksForTheSame(page.shown, decided.request) ? elsewhereNote(decided) : replacedNote(decided),
      decided,
    ),
    ...closingOf(page),
  ]);
}

/** Once it is over: those on which others waited when they were to be closed. Who is the last one there closes them. */
export function leftPages(story: Story): readonly Effect[] {
  return replacedPages(story).flatMap(({ number, team, incident, id: page }) =>
    story.effects.get(ofTeam(replacedClosingKey(number), team))?.done?.ours === false
      ? [{ kind: 'close-page', key: ofTeam(leftClosingKey(number), team), incident, page }]
      : [],
  );
}

/** The page of another request is that one's to close. */
export function closingOf({ number, team, incident, id, joined }: AskingPage): readonly Effect[] {
  const key = ofTeam(replacedClosingKey(number), team);
  return joined === null ? [{ kind: 'close-page', key, incident, page: id }] : [];
}
