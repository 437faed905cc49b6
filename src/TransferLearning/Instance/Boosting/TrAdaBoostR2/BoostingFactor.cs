namespace TransferLearning.Instance;

/// <summary>
/// How a round's error e becomes its factor beta: the smaller, the stronger its vote and the faster target rows gain.
/// </summary>
public enum BoostingFactor
{
    /// <summary><c>e / (1 - e)</c>, the papers'. From an error of 1/2 on it says nothing, and boosting ends.</summary>
    Odds,

    /// <summary>
    /// <c>e / (2 - e)</c>: the odds of half the error. Below 1 for every error, so that boosting never ends early.
    /// </summary>
    HalvedOdds,
}
