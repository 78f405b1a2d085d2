import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { ExtractJwt, Strategy } from 'passport-jwt';

/** The claims of a token. */
export interface Claims {
  readonly tenant: string;
  readonly role: string;
}

/** A request that the strategy has authenticated. */
export interface Authenticated {
  readonly user: Claims;
}

@Injectable()
export class JwtStrategy extends PassportStrategy(Strategy, 'jwt') {
  constructor() {
    super({
      jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
      secretOrKey: process.env.JWT_SECRET as string,
      algorithms: ['HS256'],
    });
  }

  validate(claims: Claims): Claims {
    return claims;
  }
}
