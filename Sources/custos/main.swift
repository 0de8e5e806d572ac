import Commands

await CustosCommand.main()
