const DECIMAL = /^-?([\d.]*)(?:e([+-]?\d+))?$/i;
const DIGITS_MAX = 15;
/** The range of exponents in which a double keeps all 15 digits. */
const EXPONENT_MAX = 290;

/** Whether a spreadsheet keeps all digits of a decimal, because it has at most 15. */
export function isExactNumber(digits: Uint8Array): boolean {
  const [, mantissa, exponent = 0] = DECIMAL.exec(Buffer.from(digits).toString('latin1')) ?? [];
  if (mantissa === undefined || Math.abs(Number(exponent)) > EXPONENT_MAX) return false;
  const significant = mantissa.replace('.', '').replace(/^0+|0+$/g, '');
  return significant.length <= DIGITS_MAX;
}
