using TransferLearning.Mapping;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// Linear Gromov-Wasserstein map (Delon, Desolneux and Salmona 2022): source rows come into a target space of other
    /// features. <c>Fit</c> takes the rows of both.
    /// </summary>
    public static LinearGromovWassersteinMap LinearGw() => new();
}
