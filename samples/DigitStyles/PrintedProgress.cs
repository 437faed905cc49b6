using System.Diagnostics;
using TransferLearning.Training;

namespace DigitStyles;

/// <summary>Prints a line at each tenth of a stage.</summary>
internal sealed class PrintedProgress : IProgress<TrainingProgress>
{
    private readonly Stopwatch clock = Stopwatch.StartNew();
    private (int Stage, int Tenth) last = (-1, -1);

    public void Report(TrainingProgress value)
    {
        var now = (value.Stage, (int)(value.Done * 10));
        if (now != last)
        {
            last = now;
            Console.WriteLine(
                $"{clock.Elapsed:mm\\:ss}  stage {value.Stage + 1} of {value.Stages}, {value.StageName}: {value.Done:P0}"
            );
        }
    }
}
