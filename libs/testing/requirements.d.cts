export declare const SEARCH_PATH: string;
export declare function missing(requirement: string): string | undefined;
