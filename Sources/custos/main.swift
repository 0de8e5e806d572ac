import Commands

await CustosCommand.start()
