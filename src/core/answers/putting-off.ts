/*
 * An approval holds at once. Whoever writes a time may mean another, and whoever writes how long an end, which nobody would keep; whoever
 * tells what happened writes times too. Of all times those let an approval stand which are known to be past: by "since" or "yesterday", or
 * by what had happened then ("failed at 14:02"). Any other costs its author one more note, of verb and code alone.
 * All is read without accents.
 */

const any = (...words: readonly string[]) => `(?:${words.join('|')})`;

const SPELT = any(
  'one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|forty|sixty',
  'eine?[rnms]?|zwei|drei|vier|funf|sechs|acht|zehn|zwolf|zwanzig|dreissig|une?|deux|trois|quatre|cinq|dix|vingt|trente',
  'un[ao]s?|dos|tres|cuatro|cinco|diez|veinte|treinta|uma?|dois|duas|dez|vinte|trinta',
);
const VAGUE = any(
  'an?|the next|the coming|half|quarter|few|couple|several|some|another|next|about|around|approx\\.?|roughly|maximum|max|like|or|so|less|more|than|of',
  'halben?|viertel|paar|etwa|ca\\.?|quelques|demi|quart|environ|alguns|algumas|algunos|media|meia',
);
const UNIT = any(
  'h|hrs?|hours?|m|mins?|minutes?|s|secs?|seconds?|d|days?|w|weeks?|months?|years?|shifts?|sprints?|bit|while|moments?|mo|jiffy|tick',
  'std|stunden?|minuten?|sekunden?|tage?n?|wochen?|weile|augenblick|heures?|jours?|semaines?|instants?',
  'horas?|minutos?|dias?|semanas?|momento|rato',
);
const DURATION = `(?:${any(SPELT, VAGUE)}[\\s-]+|[~<]?\\d{1,4}(?!\\d)(?:[.,:/\u2044\u2013-]\\d{1,4}(?!\\d))?[\\s-]*){1,6}${UNIT}(?:\\d\\d?)?`;

const WEEKDAY = any(
  '(?:mon|tues|wednes|thurs|fri|satur|sun)days?|mon|tues?|weds?|thurs?|thu|fri|sat|sun',
  '(?:mon|diens|donners|frei|sams|sonn)tag\\p{L}*|mittwoch\\p{L}*|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche',
  'lunes|martes|miercoles|jueves|viernes|sabado|domingo|(?:segunda|terca|quarta|quinta|sexta)(?:-feira)?',
);
const MONTH = any(
  'jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?',
  'januar|februar|marz|mai|juni|juli|oktober|dezember|janvier|fevrier|mars|avril|juin|juillet|aout|septembre|octobre|novembre|decembre',
  'enero|febrero|marzo|abril|mayo|junio|julio|agosto|sep?tiembre|octubre|noviembre|diciembre',
  'janeiro|fevereiro|marco|maio|junho|julho|setembro|outubro|novembro|dezembro',
);
const HOUR = '(?:[01]?\\d|2[0-4])';
/** A number by itself is a time behind these. */
const TOWARDS = any('at|by|from|before|between|till?|um|ab|gegen|vor|a las?|vers|desde|@');
const NO_AMOUNT = '(?![.,/:]?\\d|\\s?%|\\s(?:of|per|percent|out)(?!\\p{L}))';

/** So long, of what is long. */
const LONG = `[~<]?\\d{1,4}(?:[.,:/\u2044\u2013-]\\d{1,4})?[\\s-]*${any('h|hrs?|hours?|m|mins?|minutes?|days?|std|stunden?|minuten?|heures?|horas?|minutos?')}`;

/** Times, of which what is told may have happened. */
const TIME = any(
  `\\d{1,2}(?:[:.]\\d\\d)?\\s?(?:[ap]\\.?\\s?m(?!\\p{L})\\.?|uhr|o['\u2019]?\\s?clock)`,
  `${HOUR}(?:[:h]|\\sh\\s)[0-5]\\d(?::[0-5]\\d)?|${HOUR}\\s?h`,
  `[0-2]\\d[0-5]\\d\\s?(?:z|utc|gmt|h|hrs|hours|[cewpbi]e?[sd]t)`,
  `${TOWARDS}\\s?(?:${HOUR}(?:[.]?[0-5]\\d)?(?:\\s?(?:sharp|ish))?|${SPELT})${NO_AMOUNT}`,
  `(?:around|about|to|on|as|~)\\s?(?:${HOUR}|${SPELT})(?=\\s*(?:$|[,;!)]))`,
  `${WEEKDAY}|\\d{4}-\\d\\d-\\d\\d(?:t[\\d:.]+z?)?`,
  `\\d{1,2}(?:st|nd|rd|th|\\.)?\\s?(?:of\\s|de\\s)?${MONTH}(?:\\s\\d{4})?|${MONTH}\\s\\d{1,4}(?:st|nd|rd|th)?`,
  `${any('on|by|from|before|until|till|am|ab|zum|le|el|em|dia')}\\s(?:the\\s)?\\d{1,2}(?:st|nd|rd|th|[./]\\d{1,2}[./]?(?:\\d{2,4})?|\\.)`,
  '(?:ton|mid)(?:ight|ite|night)|2nite|noon|midday|overnight|weekends?|week-end|lunch(?:time|break)?|dinner|breakfast',
  '(?:this|in the|early|late|at) (?:mornings?|afternoons?|evenings?|night|dawn|week|month)|(?:end|start|close) of (?:the |my |his |her |our )?(?:day|week|month|shift|business)',
  'eod|eob|cob|eow|eom|during|while|whilst|wahrend|pendant|durante|mientras|enquanto',
  '(?:at|from|by|on|over|before) (?:the )?(?:shift|hand-?over|hand-?off|stand-?up|break|meeting|end|start|release|maintenance)',
  'heute (?:abend|nacht|mittag|nachmittag)|mittags?|mittagspause|mitternacht|abends|nachts|feierabend',
  'ce soir|cet apres|midi|minuit|esta (?:noche|tarde)|mediodia|medianoche|hoje a noite|meio-dia|meia-noite',
  `(?:for|fur|por|pour|durante|pendant)\\s${DURATION}|${LONG}`,
  "\\d{1,2}['\u2019]?ish|(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)ish|\\p{L}+ hundred(?: hours)?",
  'mid-?(?:morning|afternoon|day|week|night)|top of the hour|(?:this|next) sprint|sprint \\d+|christmas|new year|easter|thanksgiving',
);

/** Whatever is told, these put it off, or end it. */
const AHEAD = any(
  'soon|shortly|afterwards?|eventually|some ?day|some ?time|some other time|another time|in due (?:time|course)|whenever|upon|iff',
  'later|l8r|tmrw|tmr|tmw|2morrow|tomm?orr?ow|till?|half past|quarter (?:past|to)|at some point|from now|expires?|end(?:s|ing) (?:at|on|in)',
  'next (?:week|month|shift|day|morning|afternoon|evening|night|sprint|time|hour|window|year|release|one)|first(?=\\s*(?:$|[.,;!)]))',
  'for (?:to(?:day|night)|this (?:week|shift|day|night|morning|afternoon|evening)|the (?:day|night|week|shift|duration|rest|next))',
  'depend(?:s|ing|ent)|contingent|on (?:the )?condition|under (?:the|one|a) condition|tentative(?:ly)?|provisional(?:ly)?|postponed?|deferred',
  `${any('in|within|after|another|next|coming|up to|at most|under|less than|limit(?:ed)? to|(?:give (?:me|it|us|him|her|them)|gimme)')}\\s${DURATION}`,
  `${any('in|innerhalb von|binnen|dans|en|em|dentro de|daqui a|noch|encore|d.ici|max(?:imum|imal)?\\.?')}\\s${DURATION}`,
  `\\+\\s?${DURATION}|${DURATION}\\s(?:from now|hence|only|max|tops|long)|(?:in|give (?:me|us|it))\\s(?:\\d{1,3}|${SPELT})(?=\\s*(?:$|[.,;!)]))|within the`,
  'temporar(?:y|ily)|short-?\\s?term|one-?off|this time|first thing|snooze|countdown|remind|in principle|tb[acd]|wip|brb|readonly|consent',
  "(?:at|on) (?:my|his|her|our|their|\\p{L}+['\u2019]s) (?:signal|mark|go|word|ok|okay)|(?:within|in|out of|outside) (?:business|office|working) hours",
  '(?:given|granted|awaiting|needs?|has to|have to|must|should)(?:\\s\\S{1,30}){0,4}?\\s(?:agrees?|ok|okay|approval|permission|sign-?off|confirms?)',
  '(?:ask|check|confirm|verify|clear|sync|align|talk|speak|ping|call|tell|read|look|test|try)(?:\\s\\S{1,30}){0,5}?\\sfirst',
  "(?:to be|i['\u2019]ll|will) confirm(?:ed)?|limited (?:to|time|scope|access)|restricted to|(?:post|pre)[- ](?:deploy\\p{L}*|stand-?up|release|freeze)|following (?:the|a|this|that)",
  'hochstens|langstens|maximal|prochaine?|daqui a|que vem|proxim[oa]',
  'sobald|wenn|falls|sofern|solange|vorausgesetzt|bis|nachher|spater|bald|gleich|demnachst|(?:uber)?morgen|nach|danach|nur|aber|ausser|vielleicht',
  'warten?|erst(?=\\s[\\p{L}\\d])|nachste[rnms]?|quand|lorsque|des que|si|apres|plus tard|bientot|demain|jusqu\\p{L}*|a partir|sauf|mais',
  "s['’]ils?|tant que|seulement|peut-etre|attend\\p{L}*|tantot|tout a l['\u2019]heure|a condition|pourvu|cuando|despues|luego|mas tarde|pronto|manana|hasta",
  'en cuanto|siempre que|salvo|excepto|pero|sol[oa]|solamente|quizas?|tal vez|esper[ae]r?|se|quando|depois|mais tarde|em breve|amanha',
  'ate|assim que|desde que|somente|apenas|mas|exceto|talvez|logo (?:mais|apos|que)',
);

const SINCE = `${any(
  'since|seit|depuis|yesterday|gestern|ayer|ontem|last|the (?:past|previous)|letzte[rnms]?|vorige[rnms]?',
)}(?:\\s(?:about|around|roughly|ca\\.?|at|on|the|this|early|late|um))*`;
/** What happens to be so, and is no plan of anybody's. */
const HAPPENED = any(
  'failed|failing|crashed|crashing|broke|broken|died|dead|fired|firing|began|started|happened|occurred|alerted|alerting|paged|paging',
  'deployed|restarted|rebooted|dropped|fell|went|degraded|expired|exploded|spiked|timed out|timing out|filled up|ran out',
  'rose|jumped|saw|seen|noticed|reported|flapping|hanging|hung|stuck|been waiting|waited|lasted|unreachable|unavailable|down|full',
  'alerts?|alarms?|outage|crash|spikes?|errors?|timeouts?',
);
const AGAIN = '(?:\\s(?:again|twice|over|down|out|up|back|it|there))?';
/** What joins a time to what happened then: without it the time may be of the approval. */
const THEN = any('at', 'around', 'about', 'on', 'over', 'um', 'ca\\.?', '@', '~', '\\(');
const HAPPENED_THEN = new RegExp(`(?<!\\p{L})${HAPPENED}${AGAIN}(?:\\s*${THEN})+\\s*$`, 'iu');
const JUST_HAPPENED = new RegExp(`(?<!\\p{L})${HAPPENED}${AGAIN}\\s*$`, 'iu');
const BEGINS_THEN = /^(?:at|around|about|on|over|um|for|during|while|this|in the)(?!\p{L})|^@/iu;
const PAST_AFTER =
  /^\s*(?:ago|old|late|behind|of|into|already|outage|downtime|lag|yesterday|last (?:night|week)|gestern|ayer|ontem)(?!\p{L})/iu;
const SINCE_THEN = new RegExp(`(?<!\\p{L})${SINCE}[\\s,:(@~]*$`, 'iu');
/** By which the words of what happened are a plan. */
const PLANNED =
  /(?<!\p{L})(?:will|ll|shall|be|being|is|are|am|gets?|getting|to|should|must|needs?|wants?|have(?! been)|let|lets|make|plan\p{L}*|due|expect\p{L}*|wird|werden|soll|muss)(?!\p{L})/iu;

/** So far before a time words are looked at for what it is of. */
const NEAR = 200;

const whole = (words: string, flags = 'iu') =>
  new RegExp(`(?<![\\p{L}\\p{N}])${words}(?![\\p{L}\\p{N}])`, flags);
const TIMES = whole(TIME, 'giu');
const IS_AHEAD = whole(AHEAD);
/** Of what stands right behind verb and code: how long, or that it would or should be. */
const AT_ONCE = new RegExp(
  `^(?:${DURATION}(?!\\s(?:ago|of))|would|could|should|might|may|must|ought|requires?)(?![\\p{L}\\p{N}])`,
  'iu',
);
/** And nothing else. */
const ALONE =
  /^(?:(?:[thq][+-]?)?\d[\d.:,]*\p{L}{0,3}|(?:(?:just|one|a|gimme|einen?|un)\s)*(?:secs?|seconds?|moment(?:ito)?|sekunde|minute|mo|next|last)(?:\s(?:please|pls|bitte))?)[\s.!)\]]*$/iu;

/** The first words by which an approval would hold later than at once, or not for good; null where there are none. `tail`: what follows verb and code. */
export function putOffBy(text: string, tail: string): string | null {
  const found = IS_AHEAD.exec(text) ?? AT_ONCE.exec(tail) ?? ALONE.exec(tail);
  if (found !== null) return found[0];
  return (
    text
      .split('\n')
      .map(aheadIn)
      .find((each) => each !== null) ?? null
  );
}

function aheadIn(line: string): string | null {
  for (const { 0: time, index } of line.matchAll(TIMES)) {
    const before = line.slice(Math.max(0, index - NEAR), index);
    if (!isPast(time, before, line.slice(index + time.length))) return time;
  }
  return null;
}

function isPast(time: string, before: string, after: string): boolean {
  if (SINCE_THEN.test(before) || PAST_AFTER.test(after)) return true;
  if (PLANNED.test(before)) return false;
  return HAPPENED_THEN.test(before) || (BEGINS_THEN.test(time) && JUST_HAPPENED.test(before));
}
