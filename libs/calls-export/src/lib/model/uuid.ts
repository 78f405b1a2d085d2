const UUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i;

/** Whether a text is a UUID, in upper or lower case (RFC 9562, section 4). */
export function isUuid(text: string): boolean {
  return UUID.test(text);
}
