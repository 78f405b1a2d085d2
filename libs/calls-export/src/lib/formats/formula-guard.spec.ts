import { CSV_DELIMITERS, type CsvDelimiter } from './file-format';
import { FormulaGuard } from './formula-guard';

/** What stands around a text in what a database sends. */
const AROUND = ['=1', '9;=', '+1\n'];

/** A text with its apostrophes, by both ways to guard it. */
function guarded(text: string, delimiter: CsvDelimiter = ','): string {
  const guard = new FormulaGuard(delimiter);
  const written = guard.guard(text);
  for (const around of AROUND) expect(byBytes(guard, text, around)).toBe(written);
  return written;
}

function byBytes(guard: FormulaGuard, text: string, around: string): string {
  const source = Buffer.from(around + text + around);
  const [start, end] = [around.length, source.length - around.length];
  const written = [guard.guardsBeginning(source, start, end) ? "'" : ''];
  for (let at = start; at < end; at++) {
    const byte = source[at] as number;
    written.push(String.fromCharCode(byte));
    if (!guard.separators.includes(byte)) continue;
    if (guard.guardsBehind(source, at, end)) written.push("'");
  }
  return Buffer.from(written.join(''), 'latin1').toString();
}

const nameOf = (character: string) =>
  `U+${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`;
const named = (characters: readonly string[]) =>
  characters.map((character): [string, string] => [nameOf(character), character]);

const OPENERS = [...'=+-@＝＋－＠'];
/** The white space of ECMAScript (its section 12.2) without the blanks that are separators, and NUL. */
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

  it.each(named(BLANKS))('looks behind %s', (_name, blank) => {
    expect(guarded(`${blank}=1`)).toBe(`'${blank}=1`);
    expect(guarded(`${blank}${blank}@a`)).toBe(`'${blank}${blank}@a`);
    expect(guarded(`a;${blank}=1`)).toBe(`a;'${blank}=1`);
    expect(guarded(`a;${blank}"${blank}=1`)).toBe(`a;'${blank}"${blank}=1`);
    expect(guarded(`${blank}a`)).toBe(`${blank}a`);
    expect(guarded(`a;${blank}a`)).toBe(`a;${blank}a`);
  });

  it.each(named(BLANK_SEPARATORS))('looks behind %s, which is a blank too', (_name, blank) =>
    expect(guarded(` ${blank}=1`)).toBe(`' ${blank}'=1`),
  );

  it('looks behind a tab as behind a blank where tabs are the delimiter', () => {
    expect(guarded('a;\t=1', '\t')).toBe("a;'\t=1");
    expect(guarded('a;\t=1', ',')).toBe("a;\t'=1");
  });

  it.each(
    CSV_DELIMITERS.flatMap((delimiter) =>
      othersThan(delimiter).map((separator) => [delimiter, separator] as const),
    ),
  )('in a file of %j guards what is behind %j', (delimiter, separator) => {
    for (const opener of OPENERS) {
      expect(guarded(`a${separator}${opener}1`, delimiter)).toBe(`a${separator}'${opener}1`);
    }
    expect(guarded(`a${separator}" "" =1`, delimiter)).toBe(`a${separator}'" "" =1`);
    for (const rest of ['', 'b', '1=1', ' b', '"b', "'=1", 'é=1', '\u3000b', '#', '1-1', '"']) {
      expect(guarded(`a${separator}${rest}`, delimiter)).toBe(`a${separator}${rest}`);
    }
  });

  it.each(CSV_DELIMITERS)('leaves what is behind a %j alone in a file of these', (delimiter) => {
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
  ])('leaves the phone numbers of %j alone', (text) => expect(guarded(text)).toBe(text));

  it.each([
    // Too short, too long, no digit, blanks.
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
    // The field of an import that splits at the first separator alone goes on.
    ['a;+1555,x', "a;'+1555,x"],
    ['a;+1555|x', "a;'+1555|x"],
    ['a\n+1555;x', "a\n'+1555;x"],
    ['a;+1555\rx', "a;'+1555\rx"],
    ["a\n+1555\t*cmd|' /C calc'!A0", "a\n'+1555\t*cmd|' /C calc'!A0"],
    ["a;\t+1555\t*cmd|' /C calc'!A0", "a;\t'+1555\t*cmd|' /C calc'!A0"],
    ['a\r+1555\r*2', "a\r'+1555\r*2"],
    ['a\t+1555\t*2', "a\t'+1555\t*2"],
  ])('takes what is in %j for no phone number', (text, written) =>
    expect(guarded(text)).toBe(written),
  );

  it('names the bytes behind which an apostrophe may go', () => {
    expect(new FormulaGuard(',').separators).toEqual(
      [...';\t|\r\n'].map((each) => each.charCodeAt(0)),
    );
    expect(new FormulaGuard('|').separators).toEqual(
      [...',;\t\r\n'].map((each) => each.charCodeAt(0)),
    );
  });
});

describe('The formula guard of bytes', () => {
  const guard = new FormulaGuard(',');
  const unread = (text: string) =>
    Object.assign(Buffer.from(text), {
      toString: () => {
        throw new Error('A string was made');
      },
    });

  it.each(['Support Bot', 'zed', '101', '#1', '{}', '+15551234567', '[', '`'])(
    'makes no string of %j, as of most texts, to see how it begins',
    (text) => {
      const source = unread(text);
      expect(guard.guardsBeginning(source, 0, source.length)).toBe(false);
    },
  );

  it.each([';', ';a', '; "b', ';""', ';;=1', '; \0\v\f"a', ';"a-1', ';/'])(
    'makes no string of %j to see what is behind its separator',
    (text) => {
      const source = unread(text);
      expect(guard.guardsBehind(source, 0, source.length)).toBe(false);
    },
  );

  it('reads no more than the field behind a separator, and two bytes by which its end is known', () => {
    const source = Buffer.from('a;=1;b;=2');
    const toString = jest.spyOn(source, 'toString');
    expect(guard.guardsBehind(source, 1, source.length)).toBe(true);
    expect(toString.mock.results.map(({ value }) => value as string)).toEqual([';=1;b']);
  });
});
