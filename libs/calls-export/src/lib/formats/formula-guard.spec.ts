import { CSV_DELIMITERS, type CsvDelimiter } from './file-format';
import { FormulaGuard } from './formula-guard';

/** Bytes around a text, as in a message of the database. */
const AROUND = ['=1', '9;=', '+1\n'];

/** Escapes a text both ways, and checks that they agree. */
function guarded(text: string, delimiter: CsvDelimiter = ','): string {
  const guard = new FormulaGuard(delimiter);
  const written = guard.guard(text);
  for (const around of AROUND) expect(byBytes(guard, text, around)).toBe(written);
  return written;
}

function byBytes(guard: FormulaGuard, text: string, around: string): string {
  const source = Buffer.from(around + text + around);
  const [start, end] = [around.length, source.length - around.length];
  const written = [guard.startsWithFormula(source, start, end) ? "'" : ''];
  for (let at = start; at < end; at++) {
    const byte = source[at] as number;
    written.push(String.fromCharCode(byte));
    if (!guard.separators.includes(byte)) continue;
    if (guard.isBeforeFormula(source, at, end)) written.push("'");
  }
  return Buffer.from(written.join(''), 'latin1').toString();
}

const nameOf = (character: string) =>
  `U+${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`;
const named = (characters: readonly string[]) =>
  characters.map((character): [string, string] => [nameOf(character), character]);

const OPENERS = [...'=+-@＝＋－＠'];
/** The white space of ECMAScript (section 12.2) except separators, and NUL. */
const BLANKS = [
  ...' \0\v\f\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a',
  ...'\u202f\u205f\u3000\ufeff\u2028\u2029',
];
const BLANK_SEPARATORS = [...'\t\r\n'];
const othersThan = (delimiter: string) =>
  [...CSV_DELIMITERS, '\r', '\n'].filter((each) => each !== delimiter);

describe('The formula guard', () => {
  it.each(named(OPENERS))('puts an apostrophe before %s', (_name, opener) => {
    expect(guarded(`${opener}1`)).toBe(`'${opener}1`);
    expect(guarded(opener)).toBe(`'${opener}`);
  });

  it.each(named(BLANK_SEPARATORS))('puts an apostrophe before %s', (_name, blank) =>
    expect(guarded(`${blank}a`)).toBe(`'${blank}a`),
  );

  it.each(named(BLANKS))('finds a formula after %s', (_name, blank) => {
    expect(guarded(`${blank}=1`)).toBe(`'${blank}=1`);
    expect(guarded(`${blank}${blank}@a`)).toBe(`'${blank}${blank}@a`);
    expect(guarded(`a;${blank}=1`)).toBe(`a;'${blank}=1`);
    expect(guarded(`a;${blank}"${blank}=1`)).toBe(`a;'${blank}"${blank}=1`);
    expect(guarded(`${blank}a`)).toBe(`${blank}a`);
    expect(guarded(`a;${blank}a`)).toBe(`a;${blank}a`);
  });

  it.each(named(BLANK_SEPARATORS))('finds a formula after a space and %s', (_name, blank) =>
    expect(guarded(` ${blank}=1`)).toBe(`' ${blank}'=1`),
  );

  it('treats a tab as white space if it is the delimiter', () => {
    expect(guarded('a;\t=1', '\t')).toBe("a;'\t=1");
    expect(guarded('a;\t=1', ',')).toBe("a;\t'=1");
  });

  it.each(
    CSV_DELIMITERS.flatMap((delimiter) =>
      othersThan(delimiter).map((separator) => [delimiter, separator] as const),
    ),
  )('with the delimiter %j escapes formulas after %j', (delimiter, separator) => {
    for (const opener of OPENERS) {
      expect(guarded(`a${separator}${opener}1`, delimiter)).toBe(`a${separator}'${opener}1`);
    }
    expect(guarded(`a${separator}" "" =1`, delimiter)).toBe(`a${separator}'" "" =1`);
    for (const rest of ['', 'b', '1=1', ' b', '"b', "'=1", 'é=1', '\u3000b', '#', '1-1', '"']) {
      expect(guarded(`a${separator}${rest}`, delimiter)).toBe(`a${separator}${rest}`);
    }
  });

  it.each(CSV_DELIMITERS)('does not escape formulas after the delimiter %j itself', (delimiter) => {
    expect(guarded(`a${delimiter}=1`, delimiter)).toBe(`a${delimiter}=1`);
    expect(guarded(`Smith${delimiter} -J`, delimiter)).toBe(`Smith${delimiter} -J`);
    const all = othersThan(delimiter).join('');
    expect(guarded(`a${all}=1${all}-1`, delimiter)).toBe(`a${all}'=1${all}'-1`);
  });

  it.each(['', '  ', 'a=1', '1-1', "'=1", 'é=', '  a', '#', '[=', '`=', '{', '/1', ':1', 'Z', 'z'])(
    'leaves %j alone',
    (text) => expect(guarded(text)).toBe(text),
  );

  it.each([
    '+15551234567',
    '+12',
    '+19',
    '+10',
    '+123456789012345',
    '+999999999999999',
    'a;+15551234567',
    'a;+15551234567;+15557654321;b',
    'a|+12|+123456789012345',
    'a\n+15551234567\n+15557654321',
    'a\r\n+15551234567\r\nb',
    'a;+15551234567\nb',
    'a\t+15551234567',
  ])('does not escape the phone numbers in %j', (text) => expect(guarded(text)).toBe(text));

  it.each([
    // Too short, too long, a character that is not a digit, white space.
    ['+', "'+"],
    ['+1', "'+1"],
    ['+1234567890123456', "'+1234567890123456"],
    ['+0555', "'+0555"],
    ['+1555a', "'+1555a"],
    ['+a555', "'+a555"],
    ['+1555/', "'+1555/"],
    ['+1555:', "'+1555:"],
    ['+1555 ', "'+1555 "],
    ['+1555\n', "'+1555\n"],
    ['-15551234567', "'-15551234567"],
    ['a;+1', "a;'+1"],
    ['a;+1234567890123456;', "a;'+1234567890123456;"],
    ['a;+0555;', "a;'+0555;"],
    ['a; +15551234567', "a;' +15551234567"],
    ['a;+15551234567 ', "a;'+15551234567 "],
    // In an import that splits only at the first separator, the field continues.
    ['a;+1555,x', "a;'+1555,x"],
    ['a;+1555|x', "a;'+1555|x"],
    ['a\n+1555;x', "a\n'+1555;x"],
    ['a;+1555\rx', "a;'+1555\rx"],
    ["a\n+1555\t*cmd|' /C calc'!A0", "a\n'+1555\t*cmd|' /C calc'!A0"],
    ["a;\t+1555\t*cmd|' /C calc'!A0", "a;\t'+1555\t*cmd|' /C calc'!A0"],
    ['a\r+1555\r*2', "a\r'+1555\r*2"],
    ['a\t+1555\t*2', "a\t'+1555\t*2"],
  ])('escapes %j, which is not a phone number', (text, written) =>
    expect(guarded(text)).toBe(written),
  );

  it('lists the bytes after which an apostrophe may be needed', () => {
    expect(new FormulaGuard(',').separators).toEqual(
      [...';\t|\r\n'].map((each) => each.charCodeAt(0)),
    );
    expect(new FormulaGuard('|').separators).toEqual(
      [...',;\t\r\n'].map((each) => each.charCodeAt(0)),
    );
  });
});

describe('The formula guard on bytes', () => {
  const guard = new FormulaGuard(',');
  const unread = (text: string) =>
    Object.assign(Buffer.from(text), {
      toString: () => {
        throw new Error('A string was created');
      },
    });

  it.each(['Support Bot', 'zed', '101', '#1', '{}', '+15551234567', '[', '`'])(
    'creates no string to check the start of %j',
    (text) => {
      const source = unread(text);
      expect(guard.startsWithFormula(source, 0, source.length)).toBe(false);
    },
  );

  it.each([';', ';a', '; "b', ';""', ';;=1', '; \0\v\f"a', ';"a-1', ';/'])(
    'creates no string to check what follows the separator in %j',
    (text) => {
      const source = unread(text);
      expect(guard.isBeforeFormula(source, 0, source.length)).toBe(false);
    },
  );

  it('reads only the field after a separator, and the two bytes that end it', () => {
    const source = Buffer.from('a;=1;b;=2');
    const toString = jest.spyOn(source, 'toString');
    expect(guard.isBeforeFormula(source, 1, source.length)).toBe(true);
    expect(toString.mock.results.map(({ value }) => value as string)).toEqual([';=1;b']);
  });
});
