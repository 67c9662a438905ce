"""Commands by what they work on, a file each: arguments in, a function of the program, lines for people out."""
