import type { RecordedDecision } from '../record/ledger-entry.ts';
import type { Story } from '../record/story.ts';
import { mergedNote, replacedNote } from '../wording/notes.ts';
import { noteMarker } from '../wording/phrases.ts';
import { askingPages, replacedPages, type AskingPage } from './asking-pages.ts';
import type { Effect, IncidentHandle } from '../record/effect.ts';
import { replacedClosingKey } from './page-keys.ts';

/** Makes a note by its key and its words. */
export type Notes = (key: string, content: string) => Effect;

export function notesFor(decided: RecordedDecision, incident: IncidentHandle): Notes {
  return (key, content) => {
    const marker = noteMarker(decided, key);
    return { kind: 'note', key, incident, content: `${content}\n${marker}`, marker };
  };
}

/** Who looks for the page where it went is told. Comes last: it is for others to say whether we may write there. */
export function wordsWherePagesWent(story: Story, decided: RecordedDecision): readonly Effect[] {
  const own = askingPages(story).map(({ incident }) => incident.id);
  return [...story.pagesMerged].flatMap(([id, into]) =>
    into === null || own.includes(into)
      ? []
      : [notesFor(decided, { id: into })(`merged ${id}`, mergedNote(decided))],
  );
}

/** Closed, since what they show is asked for no more; answers on them are told so. */
export function onReplacedPages(story: Story, decided: RecordedDecision): readonly Effect[] {
  return replacedPages(story).flatMap((page) => [
    notesFor(decided, page.incident)(`replaced ${page.incident.id}`, replacedNote(decided)),
    closingOf(page),
  ]);
}

export function closingOf({ number, incident }: AskingPage): Effect {
  return { kind: 'close-page', key: replacedClosingKey(number), incident };
}
