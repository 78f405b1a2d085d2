/** Texts that are equal under some collation. */
export const SIMILAR_TEXTS: readonly string[] = [
  ...['acme', 'ACME', 'acmé', 'acme ', 'acme  ', ' acme', 'acme\t', 'ａｃｍｅ', 'a\u200bcme'],
  ...['7', '07', '7abc', '7 ', '７', '7.0', '0x7', '0', '-0'],
  ...['straße', 'strasse', 'æ', 'ae', 'ı', 'i', 'cafe\u0301', 'café'],
  ...["o'neil", '\\', '$1', ':account', '😀', '😁', 'null'],
];

export const LATIN_TEXTS = SIMILAR_TEXTS.filter((text) => /^[\0-\xff]*$/.test(text));

/** Texts that remain distinct in a short column that drops trailing spaces. */
export const SHORT_TEXTS = ['acme', 'ACME', 'acmé', 'b', '7', '07', '7abc', ' 7'] as const;
