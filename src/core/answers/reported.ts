/** Words by which somebody tells what others said or wrote, or what they were made to. */
const TELLING =
  /(?<!\p{L})(?:wrote|writes|written|said|says|tells|told|typed|types|posted|texted|messaged|replied|quot(?:e|es|ed|ing)|cop(?:y|ied)|pasted|forwarded|dictated|claim(?:s|ed)|insist(?:s|ed)|begg?(?:s|ed)|ask(?:s|ed)\s+(?:me|us|him|her|them|to|that)|according\s+to|(?:his|her|their)\s+words|puts?\s+it|schrieb|schreibt|sagte?|meinte?|laut|dit|écrit|dijo|escribió)(?!\p{L})/iu;
/** `approve E1B44 is what …`: verb and code are what is spoken of. */
const SPOKEN_OF = /^(?:(?:is|was|were|are|stands|stood|came|comes)(?!\p{L})|['’]s\s)/iu;

/** Whether words after verb and code say that these are somebody else's: whoever repeats them has not answered. */
export function reportsSpeech(tail: string, below: readonly string[]): boolean {
  return SPOKEN_OF.test(tail) || [tail, ...below].some((line) => TELLING.test(line));
}
