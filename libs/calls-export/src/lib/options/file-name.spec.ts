import { type FileName, fileNameFor, safeFileName } from './file-name';

describe('safeFileName', () => {
  it.each([
    'calls of May',
    'Anrufe_März',
    'nuls',
    'comma',
    'com',
    'com10',
    'my.con',
    'a.b.c',
    'x'.repeat(200),
    'é'.repeat(100),
  ])('does not change %s', (name) => {
    expect(safeFileName(name)).toBe(name);
  });

  it.each([
    [' \tcalls\u3000 ', 'calls'],
    ['a"b*c/d:e<f>g?h\\i|j', 'a_b_c_d_e_f_g_h_i_j'],
    ['a\r\n\u0000\u007f\u0085b', 'a_____b'],
    ['a\u2028\u202e\u2066\u2069b', 'a____b'],
    ['\ud83d calls \udc00', '_ calls _'],
    ['.calls', '_calls'],
    ['..', '_.'],
    ['con', '_con'],
    ['PRN', '_PRN'],
    ['aux.txt', '_aux.txt'],
    ['Nul.', '_Nul.'],
    ['com1', '_com1'],
    ['lpt9.tar.gz', '_lpt9.tar.gz'],
  ])('turns %j into %s', (name, safe) => {
    expect(safeFileName(name)).toBe(safe);
  });

  it.each(['', ' ', '\t\u3000'])('returns the default for %j', (name) => {
    expect(safeFileName(name)).toBe('calls_export');
  });

  it('cuts a long name after a complete character and trims it', () => {
    expect(safeFileName('x'.repeat(201))).toBe('x'.repeat(200));
    expect(safeFileName(`${'x'.repeat(199)}é`)).toBe('x'.repeat(199));
    // Nothing is kept after the first character that does not fit.
    expect(safeFileName(`${'x'.repeat(199)}éy`)).toBe('x'.repeat(199));
    // Each has 25 bytes.
    expect(safeFileName('👩‍👩‍👧‍👦'.repeat(9))).toBe('👩‍👩‍👧‍👦'.repeat(8));
    expect(safeFileName(`${'x'.repeat(190)}${' '.repeat(20)}y`)).toBe('x'.repeat(190));
  });
});

describe('fileNameFor', () => {
  const request = { user: { company: 'acme' } };

  it.each<[unknown, string]>([
    ['calls', 'calls'],
    // A fixed name is checked when the app starts.
    ['a/b', 'a/b'],
    [() => 'calls', 'calls'],
    [async () => 'a/b', 'a_b'],
    [({ user }: typeof request) => `calls of ${user.company}`, 'calls of acme'],
    [() => undefined, 'calls_export'],
    [async () => ' ', 'calls_export'],
  ])(
    'returns the fixed name, or what the function returns, made safe (case %#)',
    async (fileName, name) => {
      expect(await fileNameFor(fileName as FileName, request as never)).toBe(name);
    },
  );

  it.each<[unknown, string]>([
    [null, 'null'],
    [5, 'number'],
    [{}, 'object'],
  ])('throws if the function returns %j', async (given, kind) => {
    await expect(fileNameFor((() => given) as never, request as never)).rejects.toThrow(
      new TypeError(
        `CallsExportModule option fileName must return a string or undefined, got ${kind}`,
      ),
    );
  });
});
