__path__.insert(0, __path__[0].replace('rnn', 'data'))
