using TransferLearning.Mapping;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// SSNB (Paty, d'Aspremont and Cuturi 2020): the slope of a smooth, strongly convex function brings the source to
    /// the target. A map for <c>Map</c>.
    /// </summary>
    public static NearestBrenierMap Ssnb() => new();
}
