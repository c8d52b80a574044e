// Which release this half belongs to: the server says its own, and a test holds the two and package.json equal.

export const VERSION = '0.1.0';
