namespace TransferLearning.Instance;

/// <summary>How <see cref="KullbackLeiblerImportanceEstimation"/> climbs to its optimum.</summary>
public enum ImportanceSolver
{
    /// <summary>
    /// Expectation maximization for the shares <c>b_l alpha_l</c> of a mixture with components <c>phi_l / b_l</c>
    /// (Dempster, Laird and Rubin 1977): each share is multiplied by its slope. No step size to choose, every step
    /// gains, and the constraints hold throughout.
    /// </summary>
    ExpectationMaximization,

    /// <summary>
    /// Frank and Wolfe's method (Wen, Yu and Greiner 2015): step <c>2 / (k + 2)</c> toward the one center with the
    /// steepest ascent. No step size to choose, and a bound on what is still to be gained.
    /// </summary>
    FrankWolfe,

    /// <summary>
    /// Gradient steps, each followed by the Euclidean projection onto <c>{b'alpha = 1, alpha &gt;= 0}</c> (Wen, Yu and
    /// Greiner 2015).
    /// </summary>
    ProjectedGradient,

    /// <summary>
    /// Gradient steps, each followed by a move onto <c>b'alpha = 1</c>, a cut at 0 and a rescaling: the first paper's
    /// own procedure.
    /// </summary>
    FeasibleAscent,
}
