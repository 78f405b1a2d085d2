/** Whether a field that begins here is a formula, ignoring blanks. */
function opensFormula(characters: string[], at: number, blank: (character: string) => boolean) {
  const first = characters.slice(at).find((character) => !blank(character));
  return first !== undefined && '=+-@＝＋－＠'.includes(first);
}

/** Whether a phone number begins here, and nothing follows that an import could add to its field. */
function isPhoneInside(characters: string[], at: number): boolean {
  let end = at + 1;
  while ('0123456789'.includes(characters[end] ?? '?')) end++;
  const isNumber =
    characters[at] === '+' && characters[at + 1] !== '0' && end - at >= 3 && end - at <= 16;
  const [behind = '\n', next] = characters.slice(end, end + 2);
  const separator = characters[at - 1] as string;
  const ends =
    behind === '\n' ||
    (behind === '\r' && next === '\n') ||
    (behind === separator && ';|'.includes(separator));
  return isNumber && ends;
}

/** A text in CSV with the formula guard, by a second implementation that goes character by character. */
export function csvText(cell: string | null): string {
  if (cell === null) return '';
  const characters = [...cell];
  const isPhone =
    characters[0] === '+' &&
    characters.length >= 3 &&
    characters.length <= 16 &&
    characters[1] !== '0' &&
    characters.slice(1).every((digit) => digit >= '0' && digit <= '9');
  const isBlank = (character: string) => character.trim() === '';
  const isFormula =
    ['\t', '\r', '\n'].includes(characters[0] ?? '') || opensFormula(characters, 0, isBlank);
  const isFiller = (character: string) =>
    character === '"' || (isBlank(character) && !'\t\r\n'.includes(character));
  const written = characters.map((character, at) => {
    if (character === '"') return '""';
    const isExposed =
      ';|\t\r\n'.includes(character) &&
      opensFormula(characters, at + 1, isFiller) &&
      !isPhoneInside(characters, at + 1);
    return isExposed ? `${character}'` : character;
  });
  return `"${isFormula && !isPhone ? "'" : ''}${written.join('')}"`;
}
