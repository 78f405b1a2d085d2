import { Transform } from 'class-transformer';
import { IsOptional, ValidateBy } from 'class-validator';

/** A rule of a setting, whose message names it: `PORT must be …`. */
function rule(
  isRight: (value: unknown) => boolean,
  accepted: string,
): (target: object, property: string | symbol) => void {
  return (target, property) =>
    ValidateBy({
      name: accepted,
      validator: {
        validate: isRight,
        defaultMessage: () => `${String(property)} must be ${accepted}`,
      },
    })(target, property);
}

/** Both, for one property. */
function both(...decorators: PropertyDecorator[]): PropertyDecorator {
  return (target, property) => decorators.forEach((decorate) => decorate(target, property));
}

/** A number in decimal digits, from the least to the greatest that is accepted. */
export function IsCount(min: number, max: number): PropertyDecorator {
  const isCount = (value: unknown) =>
    Number.isInteger(value) && Number(value) >= min && Number(value) <= max;
  return both(
    Transform(({ value }) => (/^\d+$/.test(value) ? Number(value) : value)),
    rule(isCount, `an integer from ${min} to ${max}`),
  );
}

/** `true` or `false`, or not set. */
export function IsFlag(): PropertyDecorator {
  return both(
    IsOptional(),
    rule((value) => value === 'true' || value === 'false', 'true or false'),
  );
}

/** One of some words; not set where the property has no default. */
export function IsOneOf(words: readonly string[]): PropertyDecorator {
  return both(
    IsOptional(),
    rule((value) => words.includes(String(value)), `one of ${words.join(', ')}`),
  );
}

/** Items separated by commas, none of them empty; or not set. */
export function IsList(items: string, example: string): PropertyDecorator {
  return both(
    IsOptional(),
    rule(
      (text) => listOf(String(text)).every((item) => item !== ''),
      `${items} separated by commas, such as ${example}, none of them empty`,
    ),
  );
}

/** A URL of one of these schemes, such as the example; or not set. */
export function IsUrlOf(schemes: readonly string[], example: string): PropertyDecorator {
  const isUrl = (value: unknown) => {
    const scheme = /^([a-z]+):\/\/./.exec(String(value))?.[1];
    return scheme !== undefined && schemes.includes(scheme) && URL.canParse(String(value));
  };
  return both(IsOptional(), rule(isUrl, `a URL such as ${example}`));
}

/** The items of a setting that are separated by commas. */
export function listOf(text: string): string[] {
  return text.split(',').map((item) => item.trim());
}
