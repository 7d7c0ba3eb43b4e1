from trialgraph import main

main()
