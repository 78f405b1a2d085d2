const DECIMAL = /^-?([\d.]*)(?:e([+-]?\d+))?$/i;
const DIGITS_MAX = 15;
/** Within so many powers of ten a number has all of its digits. */
const EXPONENT_MAX = 290;

/** Whether a spreadsheet keeps all digits of a decimal: it has 15 at most. */
export function isExactNumber(digits: Uint8Array): boolean {
  const [, mantissa, exponent = 0] = DECIMAL.exec(Buffer.from(digits).toString('latin1')) ?? [];
  if (mantissa === undefined || Math.abs(Number(exponent)) > EXPONENT_MAX) return false;
  const significant = mantissa.replace('.', '').replace(/^0+|0+$/g, '');
  return significant.length <= DIGITS_MAX;
}
